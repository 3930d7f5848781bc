import type { Profile } from "../profile.ts";
import type { Catalog } from "../store/catalog.ts";
import type { CheckRow, NodeRow, ServiceRow, Status } from "../store/rows.ts";

/** A service as health and node answers show it; since 1.21 without a port that is 0. */
export function serviceShape({ Node: _node, Port, ...row }: ServiceRow, profile: Profile): object {
  return Port === 0 && profile !== "1.8" ? row : { ...row, Port };
}

/** A check as health answers show it. */
export function checkShape(row: CheckRow): object {
  return { ...row, Definition: {} };
}

/** A service as its own agent shows it: without indexes, and with an empty Meta instead of none. */
export function agentServiceShape({
  Node: _node,
  Proxy: _proxy,
  Connect: _connect,
  CreateIndex: _c,
  ModifyIndex: _m,
  ...row
}: ServiceRow): object {
  return { ...row, Meta: row.Meta ?? {} };
}

/** A check as its own agent shows it. */
export function agentCheckShape(row: CheckRow): object {
  return { ...row, Definition: {}, CreateIndex: 0, ModifyIndex: 0 };
}

/** A row of `/v1/catalog/service/:name`. */
export function catalogServiceShape(row: ServiceRow, node: NodeRow): object {
  return {
    ID: node.ID,
    Node: node.Node,
    Address: node.Address,
    Datacenter: node.Datacenter,
    TaggedAddresses: node.TaggedAddresses,
    NodeMeta: node.Meta,
    ServiceKind: row.Kind ?? "",
    ServiceID: row.ID,
    ServiceName: row.Service,
    ServiceTags: row.Tags,
    ServiceAddress: row.Address,
    ...(row.TaggedAddresses ? { ServiceTaggedAddresses: row.TaggedAddresses } : {}),
    ServiceWeights: row.Weights,
    ServiceMeta: row.Meta ?? {},
    ServicePort: row.Port,
    ServiceEnableTagOverride: row.EnableTagOverride,
    ServiceProxy: row.Proxy,
    ServiceConnect: row.Connect,
    CreateIndex: row.CreateIndex,
    ModifyIndex: row.ModifyIndex,
  };
}

/** The checks that judge a service: those of its node, then its own. */
export function checksOf(catalog: Catalog, row: ServiceRow): CheckRow[] {
  const own = catalog.checks((check) => check.Node === row.Node && check.ServiceID === row.ID);
  return [...catalog.checks((check) => check.Node === row.Node && check.ServiceID === ""), ...own];
}

/** The worst of the checks; maintenance is worse than critical. */
export function aggregate(checks: readonly CheckRow[]): Status | "maintenance" {
  if (checks.some((check) => check.Type === "maintenance")) return "maintenance";
  const worst = (["critical", "warning"] as const).find((status) => checks.some((check) => check.Status === status));
  return worst ?? "passing";
}

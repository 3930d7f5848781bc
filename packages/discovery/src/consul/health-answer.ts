import { endpoint } from "@weft/core";
import type { Endpoint, Locality } from "@weft/core";
import { isRecord, show, texts } from "../endpoint-spec.ts";

/** The largest weight that counts. Source: Consul agent/xds/endpoints.go, Envoy's own bound. */
const LARGEST_WEIGHT = 128;

export interface HealthAnswer {
  readonly endpoints: readonly Endpoint[];
  /** One line for each entry that no call can reach: who, and why. */
  readonly leftOut: readonly string[];
}

export interface HealthRules {
  /** Take addresses that other datacenters can reach, where the registry names them. */
  readonly wan: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads what `/v1/health/service/:name` answers: `[{ Node, Service, Checks }]`.
 *
 * Unknown fields are ignored and `null` stands for empty, as Consul's versions differ in both. An entry that cannot be
 * dialled (no port, no address) is left out and named.
 *
 * @throws Error when it is not a list of such entries at all: somebody else answered
 */
export function readHealthAnswer(json: unknown, rules: HealthRules): HealthAnswer {
  if (!Array.isArray(json)) throw new Error(`not a list of instances but ${show(json)}`);
  const endpoints = new Map<string, Endpoint>();
  const leftOut: string[] = [];
  for (const entry of json) {
    if (!isRecord(entry) || !isRecord(entry.Service)) throw new Error(`not an instance with a Service: ${show(entry)}`);
    const node = isRecord(entry.Node) ? entry.Node : {};
    const id = identity(node, entry.Service);
    try {
      endpoints.set(id, readEntry(id, node, entry.Service, readChecks(entry.Checks), rules));
    } catch (error) {
      leftOut.push(`${id} left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { endpoints: [...endpoints.values()], leftOut };
}

function readEntry(id: string, node: Fields, service: Fields, checks: readonly Check[], rules: HealthRules): Endpoint {
  const { host, port } = dialTarget(node, service, rules);
  const { state, weight } = readHealth(service, checks);
  const locality = readLocality(service.Locality) ?? readLocality(node.Locality) ?? labelledLocality(node, service);
  return endpoint({
    id,
    host,
    port,
    weight,
    state,
    ...(locality === undefined ? {} : { locality }),
    meta: isRecord(service.Meta) ? texts(service.Meta) : {},
    tags: Array.isArray(service.Tags) ? service.Tags.filter((tag) => typeof tag === "string") : [],
  });
}

/** Service ids are unique on one node only; `node/id` is unique in a datacenter. */
function identity(node: Fields, service: Fields): string {
  return `${text(node.Node) || text(node.ID) || "node?"}/${text(service.ID) || text(service.Service) || "service?"}`;
}

function dialTarget(node: Fields, service: Fields, rules: HealthRules): { host: string; port: number } {
  const far = rules.wan ? wanTarget(node, service) : undefined;
  const host = far?.host || text(service.Address) || text(node.Address);
  const port = far?.port || number(service.Port) || defaultPort(service.Ports);
  if (host === "") throw new Error("it has no address");
  if (port === 0) throw new Error(`port ${show(service.Port ?? 0)} cannot be dialled`);
  return { host: host.startsWith("[") ? host.slice(1, -1) : host, port };
}

function wanTarget(node: Fields, service: Fields): { host: string; port: number } {
  const tagged = isRecord(service.TaggedAddresses) ? service.TaggedAddresses.wan : undefined;
  if (isRecord(tagged)) return { host: text(tagged.Address), port: number(tagged.Port) };
  const nodes = isRecord(node.TaggedAddresses) ? node.TaggedAddresses : {};
  return { host: text(service.Address) === "" ? text(nodes.wan) : "", port: 0 };
}

/** Since 1.22 a service may register only `Ports`; the one marked as default is meant. */
function defaultPort(ports: unknown): number {
  if (!Array.isArray(ports)) return 0;
  const chosen: unknown = ports.find((port) => isRecord(port) && port.Default === true);
  return isRecord(chosen) ? number(chosen.Port) : 0;
}

interface Check {
  readonly id: string;
  readonly status: string;
}

function readChecks(checks: unknown): readonly Check[] {
  if (!Array.isArray(checks)) return [];
  return checks.filter(isRecord).map((check) => ({ id: text(check.CheckID), status: text(check.Status) }));
}

/**
 * Maintenance drains, whatever else is said; a critical check fails; a warning one has its own weight, of which 0
 * means no traffic. Source: Consul agent/xds/endpoints.go; agent/structs/check_definition.go for the ids.
 */
function readHealth(service: Fields, checks: readonly Check[]): Pick<Endpoint, "state" | "weight"> {
  const weights = isRecord(service.Weights) ? service.Weights : {};
  const passing = readWeight(weights.Passing);
  if (checks.some(({ id, status }) => isMaintenance(id) && status === "critical")) {
    return { state: "draining", weight: Math.max(1, passing) };
  }
  if (checks.some(({ status }) => status === "critical")) return { state: "failing", weight: Math.max(1, passing) };
  const weight = checks.some(({ status }) => status === "warning") ? readWeight(weights.Warning) : passing;
  return weight < 1 ? { state: "failing", weight: 1 } : { state: "passing", weight };
}

function isMaintenance(checkId: string): boolean {
  return checkId === "_node_maintenance" || checkId.startsWith("_service_maintenance:");
}

function readWeight(value: unknown): number {
  return typeof value === "number" ? Math.min(LARGEST_WEIGHT, value) : 1;
}

function readLocality(value: unknown): Locality | undefined {
  if (!isRecord(value)) return undefined;
  const region = text(value.Region);
  const zone = text(value.Zone);
  if (region === "" && zone === "") return undefined;
  return { ...(region === "" ? {} : { region }), ...(zone === "" ? {} : { zone }) };
}

/** What the node's metadata says, as `zone` and `region`. The service's own labels come before it, wherever they are read. */
function labelledLocality(node: Fields, service: Fields): Locality | undefined {
  if (!isRecord(node.Meta) || (isRecord(service.Meta) && text(service.Meta.zone) !== "")) return undefined;
  return readLocality({ Region: node.Meta.region, Zone: node.Meta.zone });
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

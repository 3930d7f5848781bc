import { isDeepStrictEqual } from "node:util";
import type { Ledger } from "./ledger.ts";
import type { CheckRow, CheckSpec, NodeRow, ServiceRow, ServiceSpec } from "./rows.ts";

type Unstamped<Row> = Omit<Row, "CreateIndex" | "ModifyIndex">;

/**
 * The nodes, services and checks of the datacenter.
 *
 * A write that changes nothing is no change: it neither moves an index nor wakes anybody.
 * Source of the index rules: Consul agent/consul/state/catalog.go.
 */
export class Catalog {
  readonly #ledger: Ledger;
  readonly #nodes = new Map<string, NodeRow>();
  readonly #services = new Map<string, ServiceRow>();
  /** How many instances a service has; a service without any is not in it. */
  readonly #instances = new Map<string, number>();
  readonly #checks = new Map<string, CheckRow>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  nodes(matches: (row: NodeRow) => boolean): NodeRow[] {
    return [...this.#nodes.values()].filter(matches).toSorted(by((row) => row.Node));
  }

  node(name: string): NodeRow | undefined {
    return this.#nodes.get(name);
  }

  services(matches: (row: ServiceRow) => boolean): ServiceRow[] {
    return [...this.#services.values()].filter(matches).toSorted(by((row) => `${row.Node}\0${row.ID}`));
  }

  checks(matches: (row: CheckRow) => boolean): CheckRow[] {
    return [...this.#checks.values()].filter(matches).toSorted(by((row) => `${row.Node}\0${row.CheckID}`));
  }

  check(node: string, id: string): CheckRow | undefined {
    return this.#checks.get(`${node}\0${id}`);
  }

  /**
   * The index of a question about one service: its own while it exists; when it does not, that of the last service
   * that ceased to exist; when none ever did, that of any change of the catalog.
   */
  serviceIndex(name: string): number {
    if (this.#instances.has(name)) return this.#ledger.at(`service:${name}`);
    return this.#ledger.at("extinction") || this.#ledger.at("nodes", "services", "checks");
  }

  /** The keys of the ledger that move `serviceIndex`, from how things stand. */
  serviceKeys(name: string): readonly string[] {
    const own = `service:${name}`;
    return this.#instances.has(name) ? [own] : [own, "extinction", "nodes", "services", "checks"];
  }

  putNode(node: Unstamped<NodeRow>): void {
    const old = this.#nodes.get(node.Node);
    if (old !== undefined && same(old, node)) return;
    this.#nodes.set(node.Node, this.#stamp(node, old));
    this.#ledger.commit(["nodes", ...this.#servicesOn(node.Node)]);
  }

  putService(node: string, spec: ServiceSpec): void {
    const key = `${node}\0${spec.ID}`;
    const old = this.#services.get(key);
    if (old !== undefined && same(old, { ...spec, Node: node })) return;
    this.#services.set(key, this.#stamp({ ...spec, Node: node }, old));
    this.#count(spec.Service, 1);
    if (old !== undefined) this.#count(old.Service, -1);
    const renamed = old !== undefined && old.Service !== spec.Service ? this.#left(old.Service) : [];
    this.#ledger.commit(["services", `service:${spec.Service}`, ...renamed]);
  }

  putCheck(node: string, spec: CheckSpec): void {
    const key = `${node}\0${spec.CheckID}`;
    const old = this.#checks.get(key);
    if (old !== undefined && same(old, { ...spec, Node: node })) return;
    const row = this.#stamp({ ...spec, Node: node }, old);
    this.#checks.set(key, row);
    this.#ledger.commit(this.#touchedBy(row));
  }

  dropCheck(node: string, id: string): boolean {
    const row = this.check(node, id);
    if (row === undefined) return false;
    this.#checks.delete(`${node}\0${id}`);
    this.#ledger.commit(this.#touchedBy(row));
    return true;
  }

  /** Removes a service with its checks. */
  dropService(node: string, id: string): boolean {
    const row = this.#services.get(`${node}\0${id}`);
    if (row === undefined) return false;
    this.#services.delete(`${node}\0${id}`);
    this.#count(row.Service, -1);
    const keys = ["services", ...this.#left(row.Service)];
    for (const check of this.checks((each) => each.Node === node && each.ServiceID === id)) {
      this.#checks.delete(`${node}\0${check.CheckID}`);
      keys.push("checks");
    }
    this.#ledger.commit(keys);
    return true;
  }

  /** Removes a node with everything on it. */
  dropNode(name: string): boolean {
    if (!this.#nodes.has(name)) return false;
    for (const row of this.services((each) => each.Node === name)) this.dropService(name, row.ID);
    for (const row of this.checks((each) => each.Node === name)) this.dropCheck(name, row.CheckID);
    this.#nodes.delete(name);
    this.#ledger.commit(["nodes"]);
    return true;
  }

  #touchedBy(check: CheckRow): string[] {
    const services = check.ServiceID === "" ? this.#servicesOn(check.Node) : [`service:${check.ServiceName}`];
    return ["checks", ...services];
  }

  #servicesOn(node: string): string[] {
    return this.services((row) => row.Node === node).map((row) => `service:${row.Service}`);
  }

  #left(name: string): string[] {
    return [`service:${name}`, ...(this.#instances.has(name) ? [] : ["extinction"])];
  }

  #count(name: string, more: 1 | -1): void {
    const count = (this.#instances.get(name) ?? 0) + more;
    if (count === 0) this.#instances.delete(name);
    else this.#instances.set(name, count);
  }

  #stamp<Row extends object>(
    row: Row,
    old: { readonly CreateIndex: number } | undefined,
  ): Row & { CreateIndex: number; ModifyIndex: number } {
    return { ...row, CreateIndex: old?.CreateIndex ?? this.#ledger.next, ModifyIndex: this.#ledger.next };
  }
}

function same(old: { readonly CreateIndex: number; readonly ModifyIndex: number }, row: object): boolean {
  return isDeepStrictEqual(old, { ...row, CreateIndex: old.CreateIndex, ModifyIndex: old.ModifyIndex });
}

function by<Row>(key: (row: Row) => string): (a: Row, b: Row) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}

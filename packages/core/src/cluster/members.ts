import { type Endpoint, sameEndpoint } from "../endpoint.ts";
import { absentNodes } from "./absent-nodes.ts";
import { NodeCells } from "./node-cells.ts";
import { Node } from "./node.ts";
import { type Usable, usableOf } from "./usable.ts";

export interface MembersDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Names of nodes that left are kept for the decision records that still mention them; so many at most. */
const REMEMBERED = 1024;

/**
 * The nodes of a cluster, and which of them take traffic.
 *
 * The list of the available is made when membership or fitness changes, never by a pick: that is what keeps a pick as
 * cheap with 10,000 endpoints as with ten.
 */
export class Members {
  /** In the registry's order. */
  all: readonly Node[] = [];
  /** Passing what counts of the checks, and fit. */
  available: readonly Node[] = [];
  /** Which checks count. */
  usable: Usable = usableOf([]);
  /** Passing these, but ejected or probing. */
  ejected: readonly Node[] = [];
  /** Passing those of the registry and failing ours. */
  unhealthy = 0;
  /** The first of those that take no traffic, for the records of picks. */
  absent: Float64Array = absentNodes([], [], this.usable);
  readonly cells: NodeCells = new NodeCells();
  /** Of each available node, side by side: the offset of its row in `cells`, and its number. */
  places: Int32Array = new Int32Array(0);

  readonly #arranged: (available: readonly Node[], joined: readonly Node[]) => void;
  readonly #byId = new Map<string, Node>();
  readonly #names = new Map<number, string>();
  #nextNumber = 0;

  /** @param arranged told each time the available ones changed: these, and which were not before. The first are not new. */
  constructor(arranged: (available: readonly Node[], joined: readonly Node[]) => void) {
    this.#arranged = arranged;
  }

  get size(): number {
    return this.all.length;
  }

  find(id: string): Node | undefined {
    return this.#byId.get(id);
  }

  /** The endpoint's node; a new one that counts for nobody when it has left the membership, or moved elsewhere. */
  nodeOf(endpoint: Endpoint): Node {
    const known = this.#byId.get(endpoint.id);
    if (known !== undefined && sameAddress(known.endpoint, endpoint)) return known;
    const stray = this.#newNode(endpoint, new NodeCells(1));
    stray.member = false;
    this.#forgetNames();
    return stray;
  }

  nameOf(number: number): string {
    return this.#names.get(number) ?? `endpoint #${number}`;
  }

  /** @returns what changed; undefined when nothing did. Of two endpoints with one id the first counts. */
  update(endpoints: readonly Endpoint[]): MembersDiff | undefined {
    const added: string[] = [];
    const changed: string[] = [];
    const next = new Map<string, Node>();
    for (const endpoint of endpoints) {
      if (next.has(endpoint.id)) continue;
      const known = this.#byId.get(endpoint.id);
      if (known === undefined || !sameAddress(known.endpoint, endpoint)) {
        (known === undefined ? added : changed).push(endpoint.id);
        next.set(endpoint.id, this.#newNode(endpoint, this.cells));
        continue;
      }
      if (!sameEndpoint(known.endpoint, endpoint)) {
        changed.push(endpoint.id);
        known.describe(endpoint);
      }
      next.set(endpoint.id, known);
    }
    const removed = [...this.#byId.keys()].filter((id) => !next.has(id));
    const order = [...next.values()];
    const moved = order.length !== this.all.length || order.some((node, i) => node !== this.all[i]);
    if (!moved && changed.length === 0) return undefined;

    for (const [id, node] of this.#byId) if (next.get(id) !== node) node.depart();
    this.#byId.clear();
    for (const [id, node] of next) this.#byId.set(id, node);
    const first = this.all.length === 0;
    this.all = order;
    this.arrange(first);
    this.#forgetNames();
    return added.length + removed.length + changed.length > 0 ? { added, removed, changed } : undefined;
  }

  /** Sorts the nodes anew into those that take traffic and those that do not. */
  arrange(first = false): void {
    const available: Node[] = [];
    const joined: Node[] = [];
    const ejected: Node[] = [];
    const { state, healthy } = (this.usable = usableOf(this.all));
    this.unhealthy = 0;
    for (const node of this.all) {
      const known = node.endpoint.state === state;
      const sick = healthy && node.health.unhealthy;
      const before = node.available;
      node.available = known && !sick && node.fitness.state.kind === "fit";
      if (node.available && !before && !first) joined.push(node);
      if (node.available) available.push(node);
      else if (known && sick) this.unhealthy++;
      else if (known) ejected.push(node);
    }
    this.available = available;
    this.ejected = ejected;
    this.absent = absentNodes(ejected, this.all, this.usable);
    this.places = placesOf(available);
    this.#arranged(available, joined);
  }

  #newNode(endpoint: Endpoint, cells: NodeCells): Node {
    const node = new Node(this.#nextNumber++, endpoint, cells);
    this.#names.set(node.number, endpoint.id);
    return node;
  }

  /** Not at each departure, but when as many have gathered as there are members: that keeps it O(1) for each. */
  #forgetNames(): void {
    if (this.#names.size <= REMEMBERED + this.#byId.size * 2) return;
    const present = new Set([...this.#byId.values()].map(({ number }) => number));
    for (const number of this.#names.keys()) {
      if (this.#names.size <= REMEMBERED + present.size) return;
      if (!present.has(number)) this.#names.delete(number);
    }
  }
}

/** Of each, side by side: the offset of its row, and its number. */
export function placesOf(nodes: readonly Node[]): Int32Array {
  const places = new Int32Array(nodes.length * 2);
  for (let i = 0; i < nodes.length; i++) {
    places[i * 2] = nodes[i]!.at;
    places[i * 2 + 1] = nodes[i]!.number;
  }
  return places;
}

function sameAddress(a: Endpoint, b: Endpoint): boolean {
  return a.host === b.host && a.port === b.port;
}

import { type Endpoint, sameEndpoint } from "../endpoint.ts";
import { NodeCells } from "./node-cells.ts";
import { Node } from "./node.ts";

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
  /** Passing and fit. */
  available: readonly Node[] = [];
  /** Passing, but ejected or probing. */
  ejected: readonly Node[] = [];
  readonly cells: NodeCells = new NodeCells();
  /** Of each available node, side by side: the offset of its row in `cells`, and its number. */
  places: Int32Array = new Int32Array(0);

  readonly #arranged: (available: readonly Node[]) => void;
  readonly #byId = new Map<string, Node>();
  readonly #names = new Map<number, string>();
  #nextNumber = 0;

  /** @param arranged told each time the available ones changed */
  constructor(arranged: (available: readonly Node[]) => void) {
    this.#arranged = arranged;
  }

  get size(): number {
    return this.all.length;
  }

  find(id: string): Node | undefined {
    return this.#byId.get(id);
  }

  /** The endpoint's node; a new one that counts for nobody when it has left the membership. */
  nodeOf(endpoint: Endpoint): Node {
    return this.#byId.get(endpoint.id) ?? this.#newNode(endpoint, new NodeCells());
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
    this.all = order;
    this.arrange();
    return added.length + removed.length + changed.length > 0 ? { added, removed, changed } : undefined;
  }

  /** Sorts the nodes anew into those that take traffic and those that do not. */
  arrange(): void {
    const available: Node[] = [];
    const ejected: Node[] = [];
    for (const node of this.all) {
      const passing = node.endpoint.state === "passing";
      node.available = passing && node.fitness.state.kind === "fit";
      if (node.available) available.push(node);
      else if (passing) ejected.push(node);
    }
    this.available = available;
    this.ejected = ejected;
    this.places = Int32Array.from(available.flatMap(({ at, number }) => [at, number]));
    this.#arranged(available);
  }

  #newNode(endpoint: Endpoint, cells: NodeCells): Node {
    const node = new Node(this.#nextNumber++, endpoint, cells);
    this.#names.set(node.number, endpoint.id);
    if (this.#names.size > REMEMBERED + this.#byId.size * 2) this.#forgetNames();
    return node;
  }

  #forgetNames(): void {
    const present = new Set([...this.#byId.values()].map(({ number }) => number));
    for (const number of this.#names.keys()) {
      if (this.#names.size <= REMEMBERED + present.size) return;
      // The newest may be on its way into the membership.
      if (!present.has(number) && number < this.#nextNumber - REMEMBERED) this.#names.delete(number);
    }
  }
}

function sameAddress(a: Endpoint, b: Endpoint): boolean {
  return a.host === b.host && a.port === b.port;
}

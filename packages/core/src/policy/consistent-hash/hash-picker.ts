import type { Node } from "../../cluster/node.ts";
import { Word64 } from "../../hash/word64.ts";
import type { Random } from "../../time/time.ts";
import { LoadBound } from "../bounded-load/load-bound.ts";
import { isOpen, openFrom, type Picker, taken } from "../picker.ts";
import { hashKeyOf } from "./hash-key-of.ts";
import type { Place, Placement } from "./placement.ts";

/** What all hashing pickers can be told. */
export interface HashPickerOptions {
  /**
   * How much over its share an endpoint may have under way before its calls go elsewhere: 1.25 is a quarter. From 1 on.
   * Absent: however much.
   */
  readonly maxLoad?: number;
}

/** After so many looks for an open endpoint the list is gone through: then nearly all are full, or out. */
const MOST_PROBES = 128;

const NOWHERE: Placement = { find: () => 0, at: () => 0 };

/**
 * Sends calls of one key to one endpoint, by a placement.
 *
 * The placement is that of all members, also of those that take no traffic now. So an ejection moves the calls of the
 * endpoint concerned and no other, and its end brings back exactly these; and it is built anew only when endpoints come,
 * go or change their weight. Who is out, full or tried already is passed over for the next probe.
 *
 * A call without a key goes by chance, each endpoint in proportion to its weight.
 */
export function hashPicker(kind: string, place: Place, { maxLoad }: HashPickerOptions = {}): Picker {
  let keys: readonly string[] = [];
  let weights: readonly number[] = [];
  let placement = NOWHERE;
  let indices = new Int32Array(0); // where each place of the placement stands in the list of the available; -1: nowhere
  const bound = maxLoad === undefined ? undefined : new LoadBound(maxLoad);
  const chance = new Word64();

  function build(order: readonly Keyed[]): void {
    const newKeys = order.map(({ key }) => key);
    const newWeights = order.map(({ node }) => node.endpoint.weight);
    if (same(keys, newKeys) && same(weights, newWeights)) return;
    keys = newKeys;
    weights = newWeights;
    placement = order.length === 0 ? NOWHERE : place(keys, weights);
  }

  return {
    kind,
    hashes: true,
    arrange(nodes, _random, members) {
      const order = members.map((node) => ({ node, key: hashKeyOf(node.endpoint) })).toSorted(byKey);
      build(order);
      const available = new Map(nodes.map((node, index) => [node, index]));
      indices = Int32Array.from(order, ({ node }) => available.get(node) ?? -1);
      bound?.arrange(nodes);
    },
    pick(nodes, draw) {
      if (nodes.length === 0) return undefined;
      const hash = draw.hash ?? drawn(chance, draw.random);
      const found = placement.find(hash);
      let overBound = -1;
      for (let probe = 0; probe < MOST_PROBES; probe++) {
        const index = indices[placement.at(found, hash, probe)]!;
        if (index < 0 || !isOpen(nodes, index, draw)) continue;
        if (bound === undefined || bound.admits(index, draw)) return taken(nodes, index, draw);
        if (overBound < 0) overBound = index;
      }
      if (overBound >= 0) return taken(nodes, overBound, draw);
      return openFrom(nodes, hash.modulo(nodes.length), draw);
    },
  };
}

interface Keyed {
  readonly node: Node;
  readonly key: string;
}

function byKey(a: Keyed, b: Keyed): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.node.endpoint.id < b.node.endpoint.id ? -1 : 1; // no two members have one id
}

function same<T>(before: readonly T[], now: readonly T[]): boolean {
  return before.length === now.length && before.every((value, i) => value === now[i]);
}

function drawn(hash: Word64, random: Random): Word64 {
  hash.set(random.below(2 ** 32), random.below(2 ** 32));
  return hash;
}

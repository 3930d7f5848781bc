import { type Endpoint, endpoint } from "../../endpoint.ts";
import { hashOf, wordOf } from "../../hash/hash-vectors.suite.ts";
import type { HashFunction } from "../../hash/hash-function.ts";
import { xxh64 } from "../../hash/xxh64.ts";
import { type Stage, stage } from "../../cluster/stage.suite.ts";
import { SUCCESS } from "../../outcome.ts";
import type { Picker } from "../picker.ts";
import type { Place, Placement } from "./placement.ts";

/** The endpoint that a placement gives a hash, by name. */
export function placed(placement: Placement, names: readonly string[], hash: bigint, probe = 0): string {
  const word = wordOf(hash);
  return names[placement.at(placement.find(word), word, probe)]!;
}

/** Where so many keys fall among endpoints of these names, each with its weight. */
export function homesIn(place: Place, weights: ReadonlyMap<string, number>, keys: number): string[] {
  const names = [...weights.keys()].toSorted();
  const placement = place(
    names,
    names.map((name) => weights.get(name)!),
  );
  return Array.from({ length: keys }, (_, key) => placed(placement, names, hashOf(xxh64, `key-${key}`)));
}

/** How many of the homes are each endpoint's. */
export function countsOf(homes: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const home of homes) counts.set(home, (counts.get(home) ?? 0) + 1);
  return counts;
}

/** Keys that moved from one endpoint that stays to another. */
export function strays(before: readonly string[], after: readonly string[], gone: string): number {
  return before.filter((home, key) => home !== gone && after[key] !== home).length;
}

/** A cluster whose calls have keys. */
export interface KeyedStage extends Stage {
  /** Where a call with this key goes, when it goes alone. */
  home(key: string): string;
}

export function keyedStage(
  picker: Picker,
  endpoints: number | readonly Endpoint[],
  hash: HashFunction = xxh64,
): KeyedStage {
  const made = stage(endpoints, { picker });
  return {
    ...made,
    home(key) {
      const call = made.call();
      call.hash = wordOf(hashOf(hash, key));
      const lease = made.cluster.acquire(call);
      lease.release(SUCCESS);
      return lease.endpoint.id;
    },
  };
}

/** Endpoints at these addresses, named by them. */
export function at(...addresses: readonly string[]): Endpoint[] {
  return addresses.map((address) => {
    const colon = address.lastIndexOf(":");
    return endpoint({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
  });
}

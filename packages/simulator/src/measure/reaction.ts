import type { ScenarioEvent } from "../scenario/scenario.ts";
import { type EndpointTally, SLICES, type Tally } from "./tally.ts";

/** How soon a policy noticed what happened to some endpoints, by the share of the attempts that they got. */
export interface Reaction {
  readonly atMs: number;
  readonly endpoints: readonly number[];
  /** From the beginning until they got less than half of their former share; undefined: never, while it lasted. */
  readonly detectMs: number | undefined;
  /** From the end until they got at least half of it again; undefined: never, or it did not end. */
  readonly recoverMs: number | undefined;
}

/** Attempts that a share is judged by: of fewer, half would be chance too often. */
const ENOUGH = 20;

/** One for each event after which some of the endpoints, which had calls before, are worse than the others. */
export function reactionsOf(tally: Tally, events: readonly ScenarioEvent[]): readonly Reaction[] {
  const { endpoints } = tally;
  const all = attemptsBySlice(endpoints);
  return events
    .filter((event) => event.endpoints.length < endpoints.length && isTrouble(event))
    .flatMap((event) => {
      const theirs = attemptsBySlice(event.endpoints.map((index) => endpoints[index]!)); // checked when it was read
      const fair = event.endpoints.length / endpoints.length;
      return reactionTo(event, new Shares(theirs, all, fair), tally.sliceMs) ?? [];
    });
}

/** What the registry says is no trouble: it is obeyed at once. */
function isTrouble({ latency, factor, fail, hang, refuse }: ScenarioEvent): boolean {
  return latency !== undefined || factor > 1 || fail !== undefined || hang || refuse;
}

function reactionTo(event: ScenarioEvent, shares: Shares, sliceMs: number): Reaction | undefined {
  const { atMs, untilMs, endpoints } = event;
  const first = Math.ceil(atMs / sliceMs);
  const last = Math.min(SLICES, Math.floor(untilMs / sliceMs));
  const former = shares.before(first);
  if (former === 0) return undefined;
  const width = shares.widthFor(former);
  const firstWhere = (from: number, to: number, is: (share: number) => boolean): number | undefined => {
    for (let slice = from; slice + width <= to; slice++) {
      if (is(shares.in(slice, slice + width))) return (slice + width) * sliceMs;
    }
    return undefined;
  };
  const detectedMs = firstWhere(first, last, (share) => share < former / 2);
  const recoveredMs = detectedMs && firstWhere(last, SLICES, (share) => share >= former / 2);
  return {
    atMs,
    endpoints,
    detectMs: detectedMs && detectedMs - atMs,
    recoverMs: recoveredMs && recoveredMs - untilMs,
  };
}

function attemptsBySlice(endpoints: readonly EndpointTally[]): Float64Array {
  const sums = new Float64Array(SLICES);
  for (const { bySlice } of endpoints) for (let slice = 0; slice < SLICES; slice++) sums[slice]! += bySlice[slice]!;
  return sums;
}

/** Which share of the attempts some endpoints got, over time. */
class Shares {
  readonly #theirs: Float64Array;
  readonly #all: Float64Array;
  readonly #fair: number;

  /** @param fair what they would get if all got alike */
  constructor(theirs: Float64Array, all: Float64Array, fair: number) {
    this.#theirs = theirs;
    this.#all = all;
    this.#fair = fair;
  }

  /** From the beginning to a slice; what is fair where there was no time before it. */
  before(slice: number): number {
    return slice > 0 ? this.in(0, slice) : this.#fair;
  }

  /** From one slice up to another. 1 where nobody was asked: that is no sign of anything. */
  in(from: number, to: number): number {
    const all = sum(this.#all, from, to);
    return all === 0 ? 1 : sum(this.#theirs, from, to) / all;
  }

  /** Slices that are looked at together, so that the endpoints could have expected enough attempts in them. */
  widthFor(share: number): number {
    const perSlice = (sum(this.#all, 0, SLICES) / SLICES) * share;
    return Math.max(1, Math.min(SLICES, Math.ceil(ENOUGH / perSlice)));
  }
}

function sum(values: Float64Array, from: number, to: number): number {
  let total = 0;
  for (let i = from; i < to; i++) total += values[i]!;
  return total;
}

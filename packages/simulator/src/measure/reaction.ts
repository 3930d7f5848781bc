import type { ScenarioEvent } from "../scenario/scenario.ts";
import { SLICES, type Tally } from "./tally.ts";

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
  const all = tally.endpoints.length;
  return events
    .filter((event) => event.endpoints.length < all && isTrouble(event))
    .flatMap((event) => reactionTo(event, tally) ?? []);
}

/** What the registry says is no trouble: it is obeyed at once. */
function isTrouble({ latency, factor, fail, hang, refuse }: ScenarioEvent): boolean {
  return latency !== undefined || factor > 1 || fail !== undefined || hang || refuse;
}

function reactionTo({ atMs, untilMs, endpoints }: ScenarioEvent, tally: Tally): Reaction | undefined {
  const { sliceMs } = tally;
  const first = Math.ceil(atMs / sliceMs);
  const last = Math.min(SLICES, Math.floor(untilMs / sliceMs));
  const former = first > 0 ? shareIn(tally, endpoints, 0, first) : endpoints.length / tally.endpoints.length;
  if (former === 0) return undefined;
  const width = widthFor(former, tally);
  const firstWhere = (from: number, to: number, is: (share: number) => boolean): number | undefined => {
    for (let slice = from; slice + width <= to; slice++) {
      if (is(shareIn(tally, endpoints, slice, slice + width))) return (slice + width) * sliceMs;
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

/** Slices that are looked at together, so that the endpoints could have expected enough attempts in them. */
function widthFor(share: number, { attempts }: Tally): number {
  const perSlice = (attempts / SLICES) * share;
  return Math.max(1, Math.min(SLICES, Math.ceil(ENOUGH / perSlice)));
}

function shareIn(tally: Tally, endpoints: readonly number[], from: number, to: number): number {
  let theirs = 0;
  let all = 0;
  for (const { index, bySlice } of tally.endpoints) {
    let own = 0;
    for (let slice = from; slice < to; slice++) own += bySlice[slice]!;
    all += own;
    if (endpoints.includes(index)) theirs += own;
  }
  return all === 0 ? 1 : theirs / all;
}

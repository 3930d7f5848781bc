import type { Aim, Figures } from "./scenario.ts";

/** The rounds of one peer. `undefined`: the round failed. */
export type Rounds = readonly (Figures | undefined)[];

/** The middle, and the quarter points around it: half of the rounds lie between `low` and `high`. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface Verdict {
  readonly peer: string;
  readonly aim: Aim;
  /** NaN when the peer or the one it is compared with has no rounds. */
  readonly value: number;
  readonly verdict: "reached" | "NOT reached" | "not measured";
}

/** Of one figure over the rounds. */
export function spreadOf(rounds: Rounds, figure: string): Spread {
  return spread(rounds.map((round) => round?.[figure]));
}

/**
 * A figure as a multiple of another peer's: taken round by round, so that what disturbed a round disturbs both sides.
 */
export function ratioOf(rounds: Rounds, others: Rounds, figure: string): Spread {
  return spread(pairs(rounds, others, figure).map(([mine, theirs]) => mine / theirs));
}

/** Whether `peer` keeps the bound, by its median. */
export function judge(aim: Aim, peer: string, measured: ReadonlyMap<string, Rounds>): Verdict {
  const value = valueOf(aim, measured.get(peer) ?? [], measured.get(aim.timesOf ?? aim.beyond ?? "") ?? []);
  if (Number.isNaN(value)) return { peer, aim, value, verdict: "not measured" };
  const kept = aim.kind === "at most" ? value <= aim.value : value >= aim.value;
  return { peer, aim, value, verdict: kept ? "reached" : "NOT reached" };
}

function valueOf({ figure, timesOf, beyond }: Aim, rounds: Rounds, others: Rounds): number {
  if (timesOf !== undefined) return ratioOf(rounds, others, figure).median;
  if (beyond === undefined) return spreadOf(rounds, figure).median;
  return spread(pairs(rounds, others, figure).map(([mine, theirs]) => mine - theirs)).median;
}

/** The figure of both, from each round that both have. */
function pairs(rounds: Rounds, others: Rounds, figure: string): [mine: number, theirs: number][] {
  return rounds.flatMap((round, i): [number, number][] => {
    const mine = round?.[figure];
    const theirs = others[i]?.[figure];
    return mine === undefined || theirs === undefined ? [] : [[mine, theirs]];
  });
}

function spread(values: readonly (number | undefined)[]): Spread {
  const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  return { median: at(sorted, 0.5), low: at(sorted, 0.25), high: at(sorted, 0.75) };
}

/** Between two values, the point that far on the line between them. NaN of none. */
function at(sorted: readonly number[], ratio: number): number {
  const position = (sorted.length - 1) * ratio;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

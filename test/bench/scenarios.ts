import { readFileSync } from "node:fs";
import type { Random } from "@weft/core";
import type { Scenario, SimulatedAnswer } from "./simulation.ts";

/** Measured latencies, in ms. See test/data/README.md. */
export function measuredLatencies(): Float64Array {
  const text = readFileSync(new URL("../data/latencies-ms.txt", import.meta.url), "utf8");
  return Float64Array.from(text.trim().split("\n"), Number);
}

/** Measured latencies played back; endpoint 0 takes 2 s from second 15 to 45 of 60. */
export function replay(clients: number, endpoints: number, callsPerSecond: number, latencies: Float64Array): Scenario {
  return {
    endpoints,
    clients,
    callsPerSecond,
    seconds: 60,
    answer: (at, nowMs, random) => ({
      ms: at === 0 && nowMs >= 15_000 && nowMs < 45_000 ? 2_000 : latencies[random.below(latencies.length)]!,
      ok: true,
    }),
  };
}

/** What is wrong with an endpoint. */
export interface Trouble {
  /** Share of its answers that fail at once, in 1 ms. */
  readonly failsFast?: number;
  /** Times slower than the others. */
  readonly slower?: number;
}

/** Ten clients, answers of 20 ms on average (exponential), 1,200 calls a second; `noise` of all answers fail anyway. */
export function troubled(endpoints: number, troubles: readonly Trouble[], noise = 0, ejects = false): Scenario {
  return {
    endpoints,
    clients: 10,
    callsPerSecond: 1_200,
    seconds: 60,
    ejects,
    answer: (at, _nowMs, random) => answerOf(troubles[at] ?? {}, noise, random),
  };
}

function answerOf({ failsFast = 0, slower = 1 }: Trouble, noise: number, random: Random): SimulatedAnswer {
  if (random.unit() < failsFast) return { ms: 1, ok: false };
  return { ms: -Math.log(1 - random.unit()) * 20 * slower, ok: random.unit() >= noise };
}

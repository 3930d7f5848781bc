import { isOpen, type Node, openFrom, type Picker, taken } from "@weft/core";

/** A picker that is told how attempts end. */
export interface ObservingPicker extends Picker {
  /** @param id of the endpoint; @param tookMs of the attempt, however it ended */
  observed(id: string, tookMs: number, nowMs: number): void;
}

/** Source: Finagle `decayTime`, 10 s. */
const DECAY_MS = 10_000;
/** An endpoint without an answer that has an attempt out. Source: Finagle `Penalty`. */
const PENALTY = 2 ** 47;

/**
 * Finagle's and tower's peak EWMA: of two different endpoints drawn, the lower `latency * (pending + 1)`. For
 * comparison only.
 *
 * Every read counts as an observation of 0, so at a high rate only the idle decay brings a peak down; and a failure is
 * an answer like any other, so one that comes fast makes an endpoint attractive. Source: twitter/finagle
 * `PeakEwma.scala`, `P2CPick`.
 */
export function finaglePeakEwma(): ObservingPicker {
  const means = new Map<string, PeakMean>();
  const meanOf = (id: string): PeakMean => {
    const known = means.get(id);
    if (known !== undefined) return known;
    const made = new PeakMean();
    means.set(id, made);
    return made;
  };
  const cost = ({ endpoint, pending }: Node, nowMs: number): number => meanOf(endpoint.id).cost(pending, nowMs);
  return {
    kind: "finagle-peak-ewma",
    arrange() {},
    pick(nodes, draw) {
      const { random, nowMs } = draw;
      if (nodes.length < 2) return openFrom(nodes, 0, draw);
      const a = random.below(nodes.length);
      const drawn = random.below(nodes.length - 1);
      const b = drawn >= a ? drawn + 1 : drawn;
      const best = cost(nodes[a]!, nowMs) < cost(nodes[b]!, nowMs) ? a : b;
      return isOpen(nodes, best, draw) ? taken(nodes, best, draw) : openFrom(nodes, best, draw);
    },
    observed: (id, tookMs, nowMs) => meanOf(id).observe(tookMs, nowMs),
  };
}

/** A mean that jumps up at once and decays by time. 0: nothing is known. */
export class PeakMean {
  #valueMs = 0;
  #atMs = 0;

  observe(ms: number, nowMs: number): void {
    const kept = Math.exp(-(nowMs - this.#atMs) / DECAY_MS);
    this.#atMs = nowMs;
    this.#valueMs = ms > this.#valueMs ? ms : this.#valueMs * kept + ms * (1 - kept);
  }

  /** Of an attempt more, beside those under way. Changes the mean: see above. */
  cost(pending: number, nowMs: number): number {
    this.observe(0, nowMs);
    return this.#valueMs === 0 && pending > 0 ? PENALTY + pending : this.#valueMs * (pending + 1);
  }
}

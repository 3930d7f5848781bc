import { RunningMean } from "../policy/zone-aware/running-mean.ts";
import type { ZoneCondition } from "../policy/zone-aware/zone-limit.ts";
import { availableWeight, knownWeight } from "./capacity.ts";
import type { Node } from "./node.ts";

/** Answers of a zone that it takes to speak of its latency. */
const LEAST_ANSWERS = 20;
/** What no answer has come from for so long, in ms, is not known any more. */
const KNOWN_MS = 60_000;

interface Reading {
  /** Answers counted, and what they took together, as of the last look. */
  count: number;
  sumMs: number;
  readonly recent: RunningMean;
}

/**
 * How the zones of a cluster do, read off what its nodes count anyway: an attempt costs nothing more for it.
 *
 * Means, and not the peaks that balancers compare: an endpoint that is asked a hundred times as often has met more of
 * its slow moments, and so a higher peak.
 */
export class ZoneReadings {
  readonly #readings = new WeakMap<Node, Reading>();

  /** Takes in what has been answered since the last look. */
  look(nodes: readonly Node[], nowMs: number): void {
    for (const node of nodes) {
      const { counts, sumMs } = node.answers;
      let count = 0;
      for (const one of counts) count += one;
      const reading = this.#readings.get(node);
      if (reading === undefined) {
        const recent = new RunningMean();
        if (count > 0) recent.add(sumMs, count, nowMs);
        this.#readings.set(node, { count, sumMs, recent });
      } else if (count > reading.count) {
        reading.recent.add(sumMs - reading.sumMs, count - reading.count, nowMs);
        reading.count = count;
        reading.sumMs = sumMs;
      }
    }
  }

  /** @param nodes of the caller's zone. Its latency is the median of its endpoints': one that hangs is not the zone */
  ofOwn(nodes: readonly Node[], nowMs: number): ZoneCondition {
    const known = this.#known(nodes, nowMs);
    const means = known.map(({ mean = 0 }) => mean).toSorted((a, b) => a - b);
    const latencyMs = weightOf(known) < LEAST_ANSWERS ? undefined : means[Math.floor((means.length - 1) / 2)];
    return { latencyMs, healthyRatio: healthyRatio(nodes, nowMs) };
  }

  /** @param nodes of all other zones. Their latency is the mean of their answers, since there may be few from each */
  ofOthers(nodes: readonly Node[], nowMs: number): ZoneCondition {
    const known = this.#known(nodes, nowMs);
    const weight = weightOf(known);
    const sumMs = known.reduce((sum, one) => sum + (one.mean ?? 0) * one.weight, 0);
    const latencyMs = weight < LEAST_ANSWERS ? undefined : sumMs / weight;
    return { latencyMs, healthyRatio: healthyRatio(nodes, nowMs) };
  }

  #known(nodes: readonly Node[], nowMs: number): readonly RunningMean[] {
    const means: RunningMean[] = [];
    for (const node of nodes) {
      const recent = this.#readings.get(node)?.recent;
      if (node.available && recent !== undefined && nowMs - recent.atMs <= KNOWN_MS) means.push(recent);
    }
    return means;
  }
}

function weightOf(means: readonly RunningMean[]): number {
  return means.reduce((sum, { weight }) => sum + weight, 0);
}

function healthyRatio(nodes: readonly Node[], nowMs: number): number {
  const known = knownWeight(nodes);
  return known === 0 ? 0 : availableWeight(nodes, (node) => 1 - node.failures(nowMs)) / known;
}

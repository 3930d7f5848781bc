import { seededRandom, sequenceRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { many, stage } from "../../cluster/stage.suite.ts";
import type { Random } from "../../time/time.ts";
import { vectors } from "../../vectors.suite.ts";
import { pickerSuite } from "../picker.suite.ts";
import { weightedRoundRobin } from "./weighted-round-robin.ts";

pickerSuite(weightedRoundRobin);

describe("smooth weighted round robin", () => {
  test.each(vectors.smooth_wrr.cases)(
    "gives nginx's sequence for the weights $weights",
    ({ weights, picks, states }) => {
      expect(picked(weights, picks.length)).toEqual(picks);
      expect(nginx(weights, picks.length)).toEqual({ picks, states }); // the yardstick below is nginx's rule
    },
  );

  test("gives nginx's sequence for any whole weights", () => {
    const random = seededRandom(5);
    for (let round = 0; round < 40; round++) {
      const weights = Array.from({ length: 1 + random.below(12) }, () => 1 + random.below(6));
      expect(picked(weights, 300)).toEqual(nginx(weights, 300).picks);
    }
  });

  test("keeps to the weights over each full round, wherever the groups begin", () => {
    const weights = [1, 1, 4, 4, 10];
    const { cluster, call } = stage(many(weights), { picker: weightedRoundRobin() }, 42);
    const counts = new Map<string, number>();
    for (let i = 0; i < 20 * 3; i++) {
      const { id } = cluster.acquire(call()).endpoint;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect(weights.map((_, i) => counts.get(`e${i}`))).toEqual(weights.map((weight) => weight * 3));
  });

  test("takes over a changed weight", () => {
    const { cluster, call } = stage(many([1, 1]), { picker: weightedRoundRobin() });
    cluster.acquire(call());
    cluster.update(many([1, 3]));
    const ids = Array.from({ length: 8 }, () => cluster.acquire(call()).endpoint.id);
    expect(ids.filter((id) => id === "e1")).toHaveLength(6);
  });
});

/** The picks among endpoints of these weights, with every group beginning at its first. */
function picked(weights: readonly number[], count: number): number[] {
  const zeros: Random = sequenceRandom(Array(weights.length).fill(0));
  const base = weightedRoundRobin();
  const picker = { ...base, arrange: (nodes: Parameters<typeof base.arrange>[0]) => base.arrange(nodes, zeros, nodes) };
  const { cluster, call } = stage(many(weights), { picker, callsPerEndpoint: Number.POSITIVE_INFINITY });
  return Array.from({ length: count }, () => Number(cluster.acquire(call()).endpoint.id.slice(1)));
}

function nginx(weights: readonly number[], count: number): { picks: number[]; states: number[][] } {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const wealth = weights.map(() => 0);
  const picks: number[] = [];
  const states: number[][] = [];
  for (let n = 0; n < count; n++) {
    weights.forEach((weight, i) => (wealth[i]! += weight));
    const richest = wealth.indexOf(Math.max(...wealth));
    wealth[richest]! -= total;
    picks.push(richest);
    states.push([...wealth]);
  }
  return { picks, states };
}

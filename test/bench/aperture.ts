import {
  apertureSubset,
  BalancedCluster,
  type Endpoint,
  endpoint,
  meshEvents,
  OngoingCall,
  randomSubset,
  roundRobin,
  SUCCESS,
  Word64,
} from "@weft/core";
import { seededRandom } from "@weft/testkit";
import { isMain, table } from "./report.ts";

const LEAST = 20;
/** Calls of each peer: more than any difference in turns would show in. */
const CALLS = 6_000;

type SubsetOf = (endpoints: readonly Endpoint[], self: number, clients: number) => readonly Endpoint[];

const byArcs: SubsetOf = (endpoints, self, clients) => {
  return apertureSubset(endpoints, { clients, self, least: LEAST, byZone: false });
};
const byChance: SubsetOf = (endpoints, self) => randomSubset(endpoints, LEAST, new Word64(self, 77));

/** How evenly peers that use a part of the endpoints each load all of them, with round robin: it adds nothing of its own. */
export function apertureReport(): string {
  const rows = [
    [3, 100],
    [10, 105],
    [50, 130],
    [300, 100],
  ].map(([peers = 0, count = 0]) => {
    const arcs = spread(peers, count, byArcs);
    const chance = spread(peers, count, byChance);
    return [`${peers}, ${count}`, arcs.used, arcs.connections, arcs.calls, chance.calls];
  });
  const head = ["peers, endpoints", "used by each", "connections of an endpoint", "calls by arcs", "by chance"];
  return `Subsets of ${LEAST}: the most and the least calls of an endpoint, of the mean.\n\n${table(head, rows)}`;
}

function spread(peers: number, count: number, subsetOf: SubsetOf): Record<"used" | "connections" | "calls", string> {
  const endpoints = Array.from({ length: count }, (_, i) => endpoint({ host: `10.0.${i >> 8}.${i & 255}`, port: 80 }));
  const calls = new Map(endpoints.map(({ id }) => [id, 0]));
  let connections = 0;
  for (let self = 0; self < peers; self++) {
    const used = subsetOf(endpoints, self, peers);
    connections += used.length;
    for (const { endpoint: one, attempts } of called(used, self)) calls.set(one.id, calls.get(one.id)! + attempts);
  }
  const mean = (peers * CALLS) / count;
  const [most, least] = [Math.max(...calls.values()), Math.min(...calls.values())];
  return {
    used: (connections / peers).toFixed(1),
    connections: (connections / count).toFixed(1),
    calls: `${(most / mean).toFixed(2)}, ${(least / mean).toFixed(2)}`,
  };
}

function called(used: readonly Endpoint[], seed: number) {
  const cluster = new BalancedCluster({
    service: "orders",
    clock: { nowMs: () => 0 },
    random: seededRandom(seed + 1),
    events: meshEvents(),
    policy: { picker: roundRobin() },
  });
  cluster.update(used);
  for (let i = 0; i < CALLS; i++) cluster.acquire(new OngoingCall(i + 1, "orders", 0, true), 0).release(SUCCESS, 0);
  return cluster.snapshot().endpoints;
}

if (isMain(import.meta.url)) console.log(apertureReport());

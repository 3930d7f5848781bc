import type { ServicePolicyInput } from "@weft/config";
import { MeshError, type Random } from "@weft/core";
import { memoryRegistry, type MemoryRegistry, seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { Peers } from "../registry/peers.ts";
import { type Home, home } from "./home.suite.ts";
import { statsOf } from "./service-stats.ts";

// Whatever becomes of the policy, the endpoints, the peers and the calls, in whatever order: each call ends, with an
// answer or with an error of the mesh, and nothing that was taken for one stays taken. Each seed is another story.

const HASHING = ["ring-hash", "maglev", "ketama"] as const;
const KINDS = [
  "peak-ewma",
  "least-request",
  "round-robin",
  "weighted-round-robin",
  "prequal",
  "first",
  ...HASHING,
] as const;

test.each(Array.from({ length: 10 }, (_, seed) => ({ seed })))(
  "nothing is left behind, story $seed",
  async ({ seed }) => {
    const random = seededRandom(seed);
    const catalog = memoryRegistry();
    let watchable = true;
    const peers = new Peers((service) => {
      if (!watchable) throw new MeshError("BAD_CONFIG", "the token is missing");
      return catalog.watch(service);
    });
    const lab = home(anyPolicy(random), () => [200, 200, 200, 503, "wait" as const][random.below(5)]!, { peers });
    const calls: Promise<unknown>[] = [];
    for (let step = 0; step < 500; step++) {
      const what = random.below(30);
      if (what === 0) watchable = random.below(2) === 0;
      else if (what < 5) change(lab, peers, catalog, random);
      else if (what < 10) await lab.time.advance(random.below(300));
      else {
        calls.push(lab.ask(`/${random.below(20)}`).catch(unlessOurs));
        await lab.time.advance(0);
      }
    }
    for (let i = 0; i < 50; i++) {
      lab.answer(200);
      await lab.time.advance(100);
    }
    await Promise.all(calls);

    const { calls: running, retries, endpoints } = statsOf(lab.runtime);
    expect([running.running, retries?.running ?? 0]).toEqual([0, 0]);
    expect(endpoints.filter(({ pending }) => pending > 0)).toEqual([]);
    await lab.runtime.close(0);
    expect(catalog.watches("web")).toBe(0);
  },
);

function change({ registry, configure, answer }: Home, peers: Peers, catalog: MemoryRegistry, random: Random): void {
  const count = [0, 1, 2, 5, 30, 60][random.below(6)]!;
  switch (random.below(5)) {
    case 0:
      return configure(anyPolicy(random));
    case 1:
      return registry.set("orders", instances("o", count, random));
    case 2:
      return void catalog.set("web", instances("web", random.below(9), random));
    case 3:
      return peers.identify(random.below(3) === 0 ? undefined : { service: "web", id: `web${random.below(6)}` });
    default:
      return answer(200);
  }
}

function instances(name: string, count: number, random: Random) {
  return Array.from({ length: count }, (_, i) => {
    const locality = { zone: "abc"[random.below(3)]! };
    return { id: `${name}${i}`, host: "10.0.0.1", port: 1 + i, weight: 1 + random.below(4), locality };
  });
}

function anyPolicy(random: Random): ServicePolicyInput {
  const now = <Part>(part: Part): Part | Record<string, never> => (random.below(3) === 0 ? part : {});
  const kind = KINDS[random.below(KINDS.length)]!;
  const budget = { concurrentRatio: random.unit(), minConcurrent: 1 + random.below(5) };
  return {
    balancer: { kind, ...(HASHING.some((one) => one === kind) && { hashOn: ["path"] }) },
    retry: { maxRetries: 1 + random.below(3), budget },
    timeout: { total: "2s", attempt: random.below(2) === 0 ? "100ms" : "0s" },
    limits: { calls: 20 + random.below(50), callsPerEndpoint: 1 + random.below(8) },
    ...now({ subset: { size: 1 + random.below(30) } }),
    ...now({ zones: { own: "a", spill: { latencyFactor: random.below(2) * 3 } } }),
    ...now({ sticky: { cookie: { name: "s" }, onUnavailable: "fail" as const } }),
    ...now({ hedge: { after: "20ms" } }),
    ...now({ breaker: {} }),
    ...now({ slowStart: "5s" }),
  };
}

function unlessOurs(error: unknown): void {
  if (!(error instanceof MeshError)) throw error;
}

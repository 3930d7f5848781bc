import type { Endpoint } from "@weft/core";
import { advance, always, call, held, letGo, members, slowCall, times } from "../steps.ts";
import type { Story } from "../story.ts";

const KINDS = ["round-robin", "weighted-round-robin", "least-request", "peak-ewma", "random", "first"] as const;
const WEIGHTS: readonly Partial<Endpoint>[] = [{ weight: 5 }, { weight: 1 }, { weight: 2 }];
const SLOW = { body: "ok", delayMs: 40 };
const SLOWER = { body: "ok", delayMs: 400 };

/** Which endpoint, when all is well and when some are slow. */
export const BALANCING: readonly Story[] = [
  ...KINDS.map((kind) => ({
    name: `${kind} picks the same endpoints`,
    about: WEIGHTS,
    policy: { balancer: { kind } },
    steps: [times(24, call(), advance(10))],
  })),
  ...KINDS.map((kind) => ({
    name: `${kind} picks the same endpoints while one is busy`,
    policy: { balancer: { kind } },
    steps: [call({ path: "/held" }, held(), times(12, call(), advance(10)), letGo()), times(6, call())],
  })),
  {
    name: "peak-ewma measures the same latencies",
    policy: { balancer: { kind: "peak-ewma" } },
    steps: [
      ...[0, 1, 2].map((index) => always(index, SLOW)),
      times(12, slowCall(40), advance(100)),
      always(1, SLOWER),
      times(12, slowCall(400), advance(1_000)),
    ],
  },
  {
    name: "an endpoint that is new starts slowly",
    policy: { balancer: { kind: "least-request" }, slowStart: "30s" },
    members: [0, 1],
    steps: [times(6, call(), advance(100)), members([0, 1, 2]), times(30, call(), advance(500))],
  },
];

import { advance, always, behaves, call, comesBack, held, letGo, refuses, stalled, times } from "../steps.ts";
import type { Story } from "../story.ts";

const FAILED = { status: 503, body: "" } as const;
const OK = { body: "ok" } as const;

/** Endpoints, services and limits that take no more. */
export const EJECTING: readonly Story[] = [
  {
    name: "an endpoint is ejected after five failures in a row, tried, and returns",
    policy: { balancer: { kind: "round-robin" }, retry: "off" },
    steps: [
      always(0, FAILED),
      times(18, call(), advance(10)),
      always(0, OK),
      advance(7_000),
      times(9, call(), advance(10)),
    ],
  },
  {
    name: "an ejection that its trial confirms is longer",
    policy: { balancer: { kind: "round-robin" }, retry: "off" },
    steps: [
      always(0, FAILED),
      times(18, call()),
      advance(7_000),
      times(6, call()),
      advance(7_000),
      times(6, call()),
      advance(7_000),
      times(6, call()),
    ],
  },
  {
    name: "an endpoint that refuses is ejected, and retries hide it",
    policy: { balancer: { kind: "round-robin" } },
    steps: [refuses(1), times(15, call(), advance(10)), comesBack(1), advance(7_000), times(9, call(), advance(10))],
  },
  {
    name: "the last endpoints stay, however they fail",
    policy: { retry: "off", outliers: { maxEjectedRatio: 1 } },
    steps: [...[0, 1, 2].map((index) => always(index, FAILED)), times(24, call(), advance(10))],
  },
  {
    name: "the breaker opens, tries one call, and closes",
    policy: { retry: "off", outliers: "off", breaker: { minimumCalls: 5 } },
    steps: [
      always(0, FAILED),
      times(8, call(), advance(10)),
      advance(5_000),
      call({ path: "/again" }),
      times(2, call()),
      advance(10_000),
      always(0, OK),
      times(3, call()),
    ],
  },
  {
    name: "the breaker counts what never was answered",
    policy: { outliers: "off", breaker: { minimumCalls: 4 }, timeout: { attempt: "100ms" } },
    steps: [...[0, 1, 2].map((index) => refuses(index)), times(6, call(), advance(10))],
  },
  {
    name: "the breaker counts a deadline that an endpoint let pass",
    policy: { outliers: "off", breaker: { minimumCalls: 3 }, timeout: { total: "200ms", connect: "200ms" } },
    steps: [times(3, call({ path: "/held" }, held(), advance(200))), call()],
    verdicts: ["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", "CIRCUIT_OPEN"],
  },
  {
    name: "half-open lets one call through at a time",
    policy: { retry: "off", outliers: "off", breaker: { minimumCalls: 2 } },
    steps: [
      behaves(0, FAILED, FAILED),
      times(2, call()),
      advance(5_000),
      call({ path: "/held" }, held(), call(), letGo()),
      call(),
    ],
    verdicts: ["503", "503", "CIRCUIT_OPEN", "200", "200"],
  },
  {
    name: "limits.calls refuses the next call",
    policy: { limits: { calls: 2 } },
    steps: [call({ path: "/held" }, held(), call(), call({ path: "/held" }, stalled(0, 2), call(), letGo())), call()],
    verdicts: ["200", "OVERLOADED", "200", "200", "200"],
  },
  {
    name: "limits.callsPerEndpoint sends the next call elsewhere, and refuses when all are full",
    policy: { limits: { callsPerEndpoint: 1 } },
    steps: [
      call(
        { path: "/held" },
        held(),
        call(),
        call({ path: "/held" }, stalled(1), call({ path: "/held" }, stalled(2), call(), letGo())),
      ),
      call(),
    ],
  },
];

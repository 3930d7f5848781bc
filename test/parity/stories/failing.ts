import { advance, always, behaves, call, refuses, stalled, times } from "../steps.ts";
import type { Story } from "../story.ts";

const FAILED = { status: 503, body: "not now" } as const;
const RESET = { kind: "reset", at: "request" } as const;
const STALL = { kind: "stall", at: "before-head" } as const;
const POST = { method: "POST", body: "one" } as const;
const REPEATED = { headers: { "x-attempt": "1/2;by=sdk" } } as const;
const KEYED = { ...POST, headers: { "idempotency-key": "k" } } as const;

/** Attempts that fail, and whether they are repeated. */
export const FAILING: readonly Story[] = [
  {
    name: "a GET is repeated after a 503",
    steps: [behaves(0, FAILED), call()],
    verdicts: ["200"],
  },
  {
    name: "the last answer is the caller's when all fail",
    steps: [behaves(0, FAILED), behaves(1, FAILED), call()],
    verdicts: ["503"],
  },
  {
    name: "a 503 with a long body is replaced, too",
    steps: [behaves(0, { status: 503, body: "x".repeat(200_000) }), call()],
    verdicts: ["200"],
  },
  {
    name: "a 503 whose body never ends is replaced, too",
    steps: [behaves(0, { kind: "stall", at: "inside-body", answer: { ...FAILED, body: "x".repeat(9_000) } }), call()],
    verdicts: ["200"],
  },
  {
    name: "nothing is repeated without retries",
    policy: { retry: "off" },
    steps: [behaves(0, FAILED, RESET), call(), call()],
    verdicts: ["503", "CONNECTION_LOST"],
  },
  {
    name: "500 is not repeated unless it is listed",
    steps: [behaves(0, { status: 500, body: "" }), call()],
    verdicts: ["500"],
  },
  {
    name: "500 is repeated when it is listed",
    policy: { retry: { on: [500] } },
    steps: [behaves(0, { status: 500, body: "" }), call()],
    verdicts: ["200"],
  },
  {
    name: "a POST is not repeated after a 503",
    steps: [behaves(0, FAILED), call(POST)],
    verdicts: ["503"],
  },
  {
    name: "a POST is repeated after a 503 when it has a key",
    steps: [behaves(0, FAILED), call(KEYED)],
    verdicts: ["200"],
  },
  {
    name: "the methods listed are the ones repeated",
    policy: { retry: { methods: ["POST"] } },
    steps: [behaves(0, FAILED, FAILED), call(POST), call()],
    verdicts: ["200", "503"],
  },
  ...([{ method: "GET" }, POST, KEYED] as const).flatMap((spec) => {
    const what = "headers" in spec ? "POST with a key" : spec.method;
    return [
      { name: `a ${what} that is reset`, steps: [behaves(0, RESET), call(spec)] },
      { name: `a ${what} whose connection is closed`, steps: [behaves(0, { kind: "close" }), call(spec)] },
      { name: `a ${what} answered with garbage`, steps: [behaves(0, { kind: "garbage" }), call(spec)] },
      { name: `a ${what} that is refused`, steps: [refuses(0), call(spec)] },
      {
        name: `a ${what} whose connection is reset at once`,
        steps: [behaves(0, { kind: "reset", at: "accept" }), call(spec)],
      },
      {
        name: `a ${what} on a connection that ends as it is taken again`,
        steps: [behaves(0, { body: "ok" }, { kind: "close" }), times(2, call(spec))],
      },
      {
        name: `a ${what} that is not answered in time`,
        policy: { timeout: { attempt: "250ms" } },
        steps: [behaves(0, STALL), call(spec, stalled(0), advance(250))],
      },
    ] as const;
  }),
  {
    name: "two attempts that time out leave the code of the last",
    policy: { timeout: { attempt: "250ms" }, retry: { backoff: { base: "1ms", max: "1ms" } } },
    steps: [behaves(0, STALL), behaves(1, STALL), call({}, stalled(0), advance(250), stalled(1), advance(250))],
    verdicts: ["ATTEMPT_TIMEOUT"],
  },
  {
    name: "every endpoint refuses",
    policy: { retry: { maxRetries: 5 } },
    steps: [refuses(0), refuses(1), refuses(2), call()],
    verdicts: ["CONNECT_FAILED"],
  },
  {
    name: "a Retry-After that is short is waited for",
    steps: [behaves(0, { ...FAILED, headers: { "retry-after": "1" } }), call(), call()],
    verdicts: ["200", "200"],
  },
  {
    name: "a Retry-After that is long is the caller's",
    steps: [behaves(0, { ...FAILED, headers: { "retry-after": "30" } }), call(), call()],
    verdicts: ["503", "200"],
  },
  {
    name: "an endpoint that asked to be left alone is, by peak-ewma",
    policy: { balancer: { kind: "peak-ewma" } },
    steps: [
      always(0, { ...FAILED, status: 429, headers: { "retry-after": "30" } }),
      times(10, call(), advance(100)),
      always(0, { body: "ok" }),
      advance(30_000),
      times(10, call(), advance(100)),
    ],
  },
  ...["x-no-retry", "x-envoy-overloaded"].map((name) => ({
    name: `an answer with ${name} is not repeated`,
    steps: [behaves(0, { ...FAILED, headers: { [name]: "true" } }), call()],
    verdicts: ["503"],
  })),
  {
    name: "a call whose caller repeats it is left to the caller, unless nobody can have worked on it",
    steps: [behaves(0, FAILED), call(REPEATED), refuses(0), call(REPEATED)],
    verdicts: ["503", "200"],
  },
  {
    name: "to go round a connection that was closed costs nothing",
    policy: { retry: { budget: { ratio: 0, minPerSecond: 0 } } },
    steps: [call(), behaves(0, RESET), call(), behaves(0, FAILED), call()],
    verdicts: ["200", "200", "503"],
  },
  {
    name: "retries end where as many are under way as may be",
    policy: { retry: { budget: { concurrentRatio: 0, minConcurrent: 0 } } },
    steps: [behaves(0, FAILED), call(), refuses(0), call()],
    verdicts: ["503", "200"],
  },
  {
    name: "retries end with their budget",
    policy: { retry: { budget: { ratio: 0.2, minPerSecond: 0 } }, outliers: "off" },
    steps: [always(0, FAILED), times(20, call(), advance(1))],
  },
  {
    name: "an answer that is cut inside its body",
    steps: [behaves(0, { kind: "truncate", answer: { body: "x".repeat(50_000) } }), call(), call()],
    verdicts: ["cut", "200"],
  },
  {
    name: "an answer that is reset inside its body",
    steps: [
      behaves(0, { kind: "reset", at: "body", answer: { body: "x".repeat(50_000), chunked: true } }),
      call(),
      call(),
    ],
    verdicts: ["cut", "200"],
  },
];

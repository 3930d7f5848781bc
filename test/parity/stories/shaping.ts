import {
  advance,
  always,
  answered,
  behaves,
  beside,
  call,
  configures,
  ejects,
  held,
  letGo,
  members,
  refuses,
  restores,
  slowCall,
  stalled,
  times,
} from "../steps.ts";
import type { Story } from "../story.ts";

const FAILED = { status: 503, body: "" } as const;
const RESET = { kind: "reset", at: "request" } as const;
const PIECE = "p".repeat(1_000);
const OURS = "x-request-deadline-ms";
const ENVOYS = "x-envoy-expected-rq-timeout-ms";
const DEADLINES = [OURS, ENVOYS] as const;
const LOW = { "x-priority": "low" } as const;
const CRITICAL = { "x-priority": "critical" } as const;
/** The first could do four times what the second can. */
const REPORTS = [1, 4, 2].map((load) => `TEXT rps_fractional=100,application_utilization=${load / 5}`);

/** Rules, deadlines, bodies, and who is there. */
export const SHAPING: readonly Story[] = [
  {
    name: "rules by path, method and header change what is repeated",
    policy: {
      outliers: "off",
      rules: [
        { when: { path: "/reports/**" }, retry: "off" },
        { when: { method: ["POST", "PATCH"] }, retry: { methods: ["POST"] } },
        { when: { header: { "X-Once": "*" } }, retry: "off" },
        { when: { header: { "x-kind": "late" } }, timeout: { attempt: "50ms" }, retry: "off" },
      ],
    },
    steps: [
      behaves(0, FAILED, FAILED, FAILED, FAILED, FAILED, FAILED),
      call({ path: "/reports/7?x=1" }),
      call({ path: "/reports" }),
      call({ method: "POST", body: "one" }),
      call({ method: "PATCH", body: "one" }),
      call({ headers: { "x-once": "1" } }),
      call({ path: "/report" }),
      behaves(0, { kind: "stall", at: "before-head" }),
      call({ headers: { "x-kind": "late" } }, stalled(0), advance(50)),
    ],
  },
  {
    name: "timeout.total ends a call that nobody answers",
    policy: { timeout: { total: "1s" } },
    steps: [call({ path: "/held" }, held(), advance(1_000)), call()],
    verdicts: ["DEADLINE_EXCEEDED", "200"],
  },
  {
    name: "the caller's own deadline counts when it is the shorter",
    policy: { timeout: { total: "1s" } },
    steps: [
      call({ path: "/held", deadlineMs: 300 }, held(), advance(300)),
      call({ path: "/held", deadlineMs: 9_000 }, held(), advance(1_000)),
    ],
    verdicts: ["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"],
  },
  {
    name: "the endpoint is told what is left of the call, and the shorter of it and what the caller says",
    policy: { timeout: { total: "1s" }, retry: { backoff: { base: "0ms", max: "0ms" } } },
    behaviour:
      () =>
      ({ headers }) => ({ body: DEADLINES.map((name) => headers[name] ?? "none").join() }),
    steps: [
      call(),
      call({ deadlineMs: 300 }),
      call({ deadlineMs: 9_000 }),
      call({ headers: { [OURS]: "200" } }),
      call({ headers: { [OURS]: "soon" } }),
      call({ headers: { [ENVOYS]: "400" } }),
      call({ headers: { [ENVOYS]: "9000" } }),
      call({ headers: { [ENVOYS]: "0" } }),
      behaves(0, { ...FAILED, delayMs: 350 }),
      slowCall(350),
      behaves(0, { ...FAILED, delayMs: 350 }),
      slowCall(350, { headers: { [OURS]: "500", [ENVOYS]: "800" } }),
    ],
    bodies: "1000,none 300,none 1000,none 200,none 1000,none 400,400 1000,1000 1000,1000 650,none 150,150".split(" "),
  },
  {
    name: "nobody is told of a deadline where there is none",
    policy: { timeout: { total: "0s" } },
    behaviour:
      () =>
      ({ headers }) => ({ body: DEADLINES.map((name) => headers[name] ?? "none").join() }),
    steps: [call(), call({ headers: { [ENVOYS]: "0" } })],
    bodies: ["none,none", "none,0"],
  },
  {
    name: "a deadline comes while a retry is waited for",
    policy: { timeout: { total: "500ms", connect: "500ms" }, retry: { retryAfter: { max: "10s" } } },
    steps: [behaves(0, { ...FAILED, headers: { "retry-after": "1" } }), call()],
  },
  {
    name: "a deadline cuts an answer inside its body",
    policy: { timeout: { total: "1s" } },
    steps: [
      behaves(0, { kind: "stall", at: "inside-body", answer: { body: "x".repeat(50_000) } }),
      call({}, answered(), advance(1_000)),
      call(),
    ],
    verdicts: ["cut", "200"],
  },
  {
    name: "a body at once is sent again whatever its length",
    policy: { retry: { bufferBytes: "10B" } },
    steps: [behaves(0, RESET), call({ method: "PUT", body: PIECE })],
    verdicts: ["200"],
  },
  {
    name: "a streamed body within bufferBytes is sent again",
    policy: { retry: { bufferBytes: "60KiB" } },
    steps: [behaves(0, FAILED), call({ method: "PUT", stream: Array.from({ length: 40 }, () => PIECE) })],
    verdicts: ["200"],
  },
  {
    name: "a streamed body beyond bufferBytes is not",
    policy: { retry: { bufferBytes: "10KiB" } },
    steps: [behaves(0, FAILED), call({ method: "PUT", stream: Array.from({ length: 40 }, () => PIECE) })],
    verdicts: ["503"],
  },
  {
    name: "a streamed body that nobody has taken is sent elsewhere whatever its length",
    policy: { retry: { bufferBytes: "10KiB" } },
    steps: [refuses(0), call({ method: "POST", stream: Array.from({ length: 40 }, () => PIECE) })],
    verdicts: ["200"],
  },
  {
    name: "endpoints come and go while calls run",
    policy: { balancer: { kind: "round-robin" } },
    steps: [
      times(4, call()),
      members([0, 1]),
      times(4, call()),
      call({ path: "/held" }, held(), members([2]), times(2, call()), letGo()),
      members([2, 0, 1], { weight: 3 }),
      times(4, call()),
      members([1], { state: "draining" }),
      call(),
      members([]),
      call(),
      members([0]),
      call(),
    ],
  },
  {
    name: "other rules count from the next call on, and what was measured stays",
    policy: { balancer: { kind: "round-robin" }, breaker: { minimumCalls: 4 } },
    steps: [
      always(0, FAILED),
      times(9, call()),
      call({ path: "/held" }, held(), configures({ retry: "off", outliers: { consecutiveFailures: 2 } }), letGo()),
      times(4, call()),
      configures({ balancer: { kind: "peak-ewma" }, retry: { maxRetries: 2 }, breaker: { minimumCalls: 2 } }),
      times(9, call(), advance(100)),
    ],
  },
  {
    name: "the calls of a rule have a limit of their own, and take no room of the others",
    policy: { limits: { calls: 2 }, rules: [{ when: { path: "/held" }, limits: { calls: 1 } }] },
    steps: [call({ path: "/held" }, held(), call({ path: "/held" }), call(), letGo()), call()],
    verdicts: ["OVERLOADED", "200", "200", "200"],
  },
  {
    name: "what matters least is refused first",
    policy: { limits: { calls: 5, shares: { critical: 0.4, normal: 0.4, low: 0.2 } } },
    steps: [
      ...[1, 2, 3, 4].flatMap((count) => [beside({ path: "/held", headers: LOW }), stalled(0, count)]),
      call({ headers: LOW }),
      call({ headers: CRITICAL }),
      call(),
      letGo(),
    ],
    verdicts: ["OVERLOADED", "200", "200", "200", "200", "200", "200"],
  },
  {
    name: "calls go by what endpoints report of their load",
    policy: { balancer: { kind: "weighted-round-robin", reportsWeigh: true } },
    behaviour: (i) => ({ body: "abc"[i]!, headers: { "endpoint-load-metrics": REPORTS[i]! } }),
    steps: [times(6, call(), advance(2_500)), times(14, call())],
    // Once all have reported for ten seconds: 8 to 2 to 4 of 14.
    bodies: [..."cabcac", ..."aacaabcaacaabc"],
  },
  {
    name: "an endpoint at the limit that was learned of it is passed over",
    policy: { limits: { adaptivePerEndpoint: "gradient2" } },
    behaviour:
      (i) =>
      ({ path }) => {
        const answer = { body: "abc"[i]! };
        return path === "/held" ? { kind: "stall", at: "before-head", answer } : answer;
      },
    steps: [
      ...Array.from({ length: 4 }, (_, i) => [beside({ path: "/held" }), stalled(0, i + 1)]).flat(),
      call(),
      letGo(),
    ],
    // It begins with 4, and the balancer is `first`.
    bodies: [..."b", ..."aaaa"],
  },
  {
    name: "an operator takes endpoints out, and gives them back",
    policy: { balancer: { kind: "round-robin" } },
    steps: [
      ejects(0, 5_000),
      times(4, call()),
      ejects(1, 60_000),
      times(3, call()),
      advance(6_000),
      times(4, call()),
      restores(1),
      times(4, call()),
    ],
  },
  {
    name: "there is no endpoint",
    members: [],
    steps: [call(), call({ method: "POST", body: "one" })],
    verdicts: ["NO_ENDPOINTS", "NO_ENDPOINTS"],
  },
  {
    name: "all endpoints fail the registry's checks, which are then ignored",
    policy: { balancer: { kind: "round-robin" } },
    about: [{ state: "failing" }, { state: "failing" }, { state: "failing" }],
    steps: [times(3, call()), members([0, 1, 2]), times(3, call())],
  },
  {
    name: "there is no such service",
    steps: [call({ service: "order.mesh" })],
    verdicts: ["UNKNOWN_SERVICE"],
  },
];

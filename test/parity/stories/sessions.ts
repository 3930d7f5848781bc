import type { ServicePolicyInput } from "@weft/config";
import {
  advance,
  again,
  always,
  behaves,
  call,
  comesBack,
  ejects,
  held,
  letGo,
  members,
  refuses,
  restores,
  times,
} from "../steps.ts";
import type { Step } from "../steps.ts";
import type { Story } from "../story.ts";

const cookie = { name: "home" } as const;
/** By the seed, the first session begins at the endpoint 0, the next at 1. */
const MOVING: ServicePolicyInput = { balancer: { kind: "round-robin" }, sticky: { cookie } };
const BOUND: ServicePolicyInput = { ...MOVING, sticky: { cookie, onUnavailable: "fail" } };
const some: Step = times(4, again(), advance(10));

/** Where the calls of one caller go, from its first on. */
export const SESSIONS: readonly Story[] = [
  {
    name: "a session stays, whatever the balancer",
    policy: { ...MOVING, balancer: { kind: "random" } },
    steps: [some],
  },
  { name: "callers without a session begin one each", policy: MOVING, steps: [times(6, call())] },
  {
    name: "a session moves while its endpoint is ejected, and stays there",
    policy: MOVING,
    steps: [some, ejects(0, 5_000), some, restores(0), some],
  },
  {
    name: "a session moves when its endpoint has left, and stays there",
    policy: MOVING,
    steps: [some, members([1, 2]), some, members([0, 1, 2]), some],
  },
  {
    name: "a session stays while its endpoint drains",
    policy: MOVING,
    steps: [some, members([0], { state: "draining" }), some],
  },
  { name: "a session moves with a retry", policy: MOVING, steps: [some, refuses(0), some, comesBack(0), some] },
  {
    name: "a session moves from an endpoint that fails, when another's answer is good",
    policy: MOVING,
    steps: [some, behaves(0, { status: 503, body: "" }), some],
  },
  {
    name: "a session does not move to an endpoint that fails, too",
    policy: MOVING,
    steps: [some, ...[0, 1, 2].map((i) => behaves(i, { status: 503, body: "" })), some],
  },
  {
    name: "a session does not begin with a failure",
    policy: { ...MOVING, retry: "off" },
    steps: [behaves(0, { status: 500, body: "" }), again(), some],
  },
  {
    name: "a session moves from an endpoint that is full",
    policy: { ...MOVING, limits: { callsPerEndpoint: 1 } },
    steps: [again(), again({ path: "/held" }, held(), again(), letGo()), some],
  },
  {
    name: "a session is its endpoint's trial",
    policy: MOVING,
    steps: [some, ejects(0, 5_000), advance(5_000), some],
  },
  {
    name: "a session that may not move fails until its endpoint is back",
    policy: BOUND,
    steps: [again(), ejects(0, 5_000), again(), restores(0), again()],
    verdicts: ["200", "NO_ENDPOINTS", "200"],
  },
  {
    name: "a session that may not move is repeated where it is",
    policy: BOUND,
    steps: [some, always(0, { status: 503, body: "" }), again(), members([1, 2]), some],
  },
];

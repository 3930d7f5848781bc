import { advance, beside, call, held, letGo } from "./steps.ts";
import type { Story } from "./story.ts";

/** Something that the homes do differently, and are meant to. */
export interface StandingDifference {
  readonly what: string;
  readonly why: string;
  /** Played in both homes, where virtual time can show it, with what the callers are told in each. */
  readonly story?: Story;
  readonly sdk?: readonly string[];
  readonly sidecar?: readonly string[];
}

export const STANDING_DIFFERENCES: readonly StandingDifference[] = [
  {
    what: "a call that finds limits.connections reached is refused in the SDK, and waits in the sidecar",
    why: "limits.pending is not used by the SDK yet: it has no queue of its own in front of its connections",
    story: {
      name: "limits.connections",
      policy: { limits: { connections: 1 }, retry: "off" },
      steps: [call({ path: "/held" }, held(), beside(), letGo()), call()],
    },
    sdk: ["OVERLOADED", "200", "200"],
    sidecar: ["200", "200", "200"],
  },
  {
    what: "a deadline that the caller writes into a header ends the call in the sidecar, and only travels on in the SDK",
    why: "a caller in process has timeoutMs and a signal, and most calls would be searched for a header in vain",
    story: {
      name: "x-request-deadline-ms",
      policy: { timeout: { total: "1s" } },
      steps: [call({ path: "/held", headers: { "x-request-deadline-ms": "300" } }, held(), advance(300), letGo())],
    },
    sdk: ["200"],
    sidecar: ["DEADLINE_EXCEEDED"],
  },
  {
    what: "the sidecar hedges a request whose streamed body has come whole, the SDK only one without such a body",
    why: "undici reads a stream once, and hands it to one request",
  },
  {
    what: "a check by gRPC is made by the sidecar alone",
    why: "the SDK speaks HTTP/1.1 to endpoints",
  },
  {
    what: "timeout.idle of a request that undici sends is counted by undici's own timers, which no virtual clock moves",
    why: "the SDK leaves what is not like most to undici: streamed bodies, HEAD, upgrades",
  },
  {
    what: "timeout.total is 15 s in the sidecar and none in the SDK unless the policy says so",
    why: "a caller in process has a signal of its own; one behind a proxy may be gone without a sign",
  },
  {
    what: "a rule on the header `host` meets the service's name in the sidecar only",
    why: "an SDK's caller names the service in the URL, and its headers are matched as they were given",
  },
  {
    what: "of a failed call, call.ended comes before what else the failure changes in the SDK, and after it in the sidecar",
    why: "the order of two facts of one instant; stories compare them apart",
  },
  {
    what: "a streamed body goes by connections apart in the SDK, and so whether a reset is that of a stale one",
    why: "undici sends it, on connections of its own; its idle ones live by its own clock",
  },
  {
    what: "an idle connection that is reset in the very instant of a streamed body may count as a failed connect in the SDK",
    why: "undici has not told yet that the connection is gone; both say rightly that nothing was sent",
  },
  {
    what: "the mesh's own refusal is an error in the SDK, and an answer with problem+json in the sidecar",
    why: "over HTTP there is no other way to say it; the code is the same",
  },
  {
    what: "the sidecar judges, repeats and refuses calls of gRPC by gRPC's statuses, the SDK knows none of them",
    why: "it speaks HTTP/1.1, by which gRPC cannot go; the sidecar's rules are held in test/sidecar/grpc-*.test.ts",
  },
  {
    what: "the sidecar goes by HTTP/2 where an endpoint speaks it, the SDK by HTTP/1.1",
    why: "it has no engine of HTTP/2; that a refused stream never ran is for the sidecar alone to see",
  },
];

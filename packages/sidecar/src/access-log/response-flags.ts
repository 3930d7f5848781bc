import type { CallFlag } from "@weft/core";

/** What one letter code of the access log says. */
export interface FlagMeaning {
  /** Envoy's long name. */
  readonly name: string;
  /** When weft sets it. */
  readonly when: string;
}

/** Those of any call, and what only a listener sees. */
export type ResponseFlag = CallFlag | "SI" | "DPE";

/**
 * Why an exchange went wrong, in Envoy's letters, so that who reads Envoy's log can read this one. A closed set: each
 * has its row in docs/access-log.md. A flag that nothing sets does not stand here: who sets another adds it.
 *
 * Source: Envoy stream_info/utility.h; reference 2.18.
 */
export const RESPONSE_FLAGS: Readonly<Record<ResponseFlag, FlagMeaning>> = {
  UH: {
    name: "NoHealthyUpstream",
    when: "No endpoint could be picked: none known, all draining or ejected, or the registry has not answered yet.",
  },
  UF: {
    name: "UpstreamConnectionFailure",
    when: "No connection to the endpoint: refused, unreachable, TLS, too slow.",
  },
  UO: { name: "UpstreamOverflow", when: "A limit of the service was reached, or its circuit breaker is open." },
  RL: { name: "RateLimited", when: "The rate limit of the service was reached." },
  UC: {
    name: "UpstreamConnectionTermination",
    when: "The endpoint's connection ended before the answer, or inside its body.",
  },
  UT: { name: "UpstreamRequestTimeout", when: "The endpoint sent no head within `timeout.attempt`." },
  UPE: { name: "UpstreamProtocolError", when: "What the endpoint sent is no HTTP answer." },
  URX: {
    name: "UpstreamRetryLimitExceeded",
    when: "A retry was wanted, and `retry.maxRetries` or the budget was used up. Stands beside the cause.",
  },
  DT: {
    name: "DurationTimeout",
    when: "The deadline of the call passed: `timeout.total`, or what the caller asked for.",
  },
  SI: { name: "StreamIdleTimeout", when: "Nothing moved for `timeout.idle`, or a body came slower than allowed." },
  DC: { name: "DownstreamConnectionTermination", when: "The caller left before the exchange was complete." },
  DPE: {
    name: "DownstreamProtocolError",
    when: "What the caller sent is no request, or none that is passed on: 400, 405, 414, 417, 431, 501, 505, 508.",
  },
  NR: { name: "NoRouteFound", when: "No service of that name is known, and passing through is not allowed." },
  LR: {
    name: "LocalReset",
    when: "The sidecar cut it itself: the time to drain was over, or the listener had no room for a connection.",
  },
};

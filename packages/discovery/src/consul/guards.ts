import type { Endpoint } from "@weft/core";

/** Two more empty answers, and five seconds, before a service that had endpoints is believed to have none. */
const EMPTY_CONFIRMATIONS = 2;
const EMPTY_HOLD_MS = 5_000;
/** A single answer may take away at most this share without being asked again. */
const DROP_RATIO = 0.5;

/** An answer in doubt, while it is asked again. */
export interface Held {
  readonly sinceMs: number;
  /** Answers that said the same after the first. */
  readonly confirmations: number;
}

export interface Answer {
  readonly endpoints: readonly Endpoint[];
  /** `X-Consul-KnownLeader`: false means that nobody vouches for the answer. */
  readonly knownLeader: boolean;
  /** `X-Consul-Results-Filtered-By-ACLs`: the token may not see everything. */
  readonly filtered: boolean;
}

export type Verdict =
  | { readonly kind: "believe" }
  /** It says nothing about the service. */
  | { readonly kind: "ignore"; readonly why: string; readonly because: "no-servers" | "filtered" }
  /** Ask again in `againMs`; until then the membership is `endpoints`. */
  | {
      readonly kind: "hold";
      readonly why: string;
      readonly held: Held;
      readonly againMs: number;
      readonly endpoints: readonly Endpoint[];
    };

/**
 * Decides whether an answer of the registry may replace what is known.
 *
 * - Empty without a leader, or cut by ACLs: ignored. Consul answers so with 200 while it restarts or lacks rights.
 * - Empty after endpoints were known: held for two confirmations and 5 s.
 * - More than half gone at once: confirmed once. New endpoints count at once, removals after it.
 *
 * @param known the endpoints last believed
 * @param held what an earlier verdict left, undefined when nothing is in doubt
 * Source: hashicorp/consul#20790, #20876; hashicorp/consul-template#1131.
 */
export function judge(known: readonly Endpoint[], held: Held | undefined, answer: Answer, nowMs: number): Verdict {
  const { endpoints, knownLeader, filtered } = answer;
  if (endpoints.length === 0) {
    if (!knownLeader)
      return { kind: "ignore", because: "no-servers", why: "an empty answer from an agent without a leader" };
    if (filtered)
      return {
        kind: "ignore",
        because: "filtered",
        why: "an empty answer, cut by ACLs: the token may not read this service",
      };
    return known.length === 0 ? { kind: "believe" } : judgeEmpty(known, held, nowMs);
  }
  const present = new Set(endpoints.map(({ id }) => id));
  const gone = known.filter(({ id }) => !present.has(id));
  if (gone.length <= known.length * DROP_RATIO || held !== undefined) return { kind: "believe" };
  return {
    kind: "hold",
    why: `${gone.length} of ${known.length} endpoints gone in one answer`,
    held: { sinceMs: nowMs, confirmations: 0 },
    againMs: 0,
    endpoints: [...endpoints, ...gone],
  };
}

function judgeEmpty(known: readonly Endpoint[], held: Held | undefined, nowMs: number): Verdict {
  const next: Held =
    held === undefined ? { sinceMs: nowMs, confirmations: 0 } : { ...held, confirmations: held.confirmations + 1 };
  const restMs = next.sinceMs + EMPTY_HOLD_MS - nowMs;
  if (next.confirmations >= EMPTY_CONFIRMATIONS && restMs <= 0) return { kind: "believe" };
  return {
    kind: "hold",
    why: `an empty answer after ${known.length} endpoints`,
    held: next,
    // The first time ask at once, and consistently; then once more when the hold is over.
    againMs: next.confirmations === 0 ? 0 : Math.max(0, restMs),
    endpoints: known,
  };
}

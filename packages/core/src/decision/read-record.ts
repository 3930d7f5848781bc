import {
  ABSENCE_CODES,
  type Absent,
  ATTEMPT_CODES,
  BREAKER_CODES,
  type Candidate,
  type Decision,
  HEDGE_CODES,
  PICK_CODES,
  REFUSAL_CODES,
  RETRY_CODES,
  wordOf,
} from "./decision.ts";
import type { PickGroup } from "./pick-group.ts";
import { FAILURE_PART, HOLD_PART, LATENCY_PART, LOAD, PENDING_PART, WEIGHT_PART } from "./pick-record.ts";
import {
  ABSENT,
  ATTEMPT,
  BREAKER,
  CANDIDATE_WIDTH,
  CANDIDATES,
  CANDIDATES_AT,
  DRAWS_AT,
  HEDGE,
  PICK,
  RETRY,
} from "./record.ts";

/**
 * The decision that a record stands for.
 *
 * @param name the endpoint a number stands for
 * @param group the group a number stands for
 */
export function readRecord(
  record: Float64Array,
  name: (node: number) => string,
  group: (number: number) => PickGroup | undefined,
): Decision {
  const decided = { number: record[1]!, atMs: record[2]!, call: record[3]!, attempt: record[4]! };
  switch (record[0]) {
    case PICK:
      return {
        kind: "pick",
        ...decided,
        verdict: wordOf(PICK_CODES, record[6]!),
        endpoint: record[5]! < 0 ? undefined : name(record[5]!),
        members: record[7]!,
        available: record[8]!,
        ejected: record[9]!,
        unhealthy: record[12]!,
        absent: absentOf(record, name),
        typicalMs: record[10]!,
        draws: Array.from(record.subarray(DRAWS_AT, DRAWS_AT + record[13]!)),
        candidates: candidatesOf(record, name),
        compared: record[11]!,
        group: group(Math.abs(record[15]!)),
        beyondGroup: record[15]! < 0,
      };
    case ATTEMPT:
      return {
        kind: "attempt",
        ...decided,
        endpoint: name(record[5]!),
        outcome: wordOf(ATTEMPT_CODES, record[6]!),
        elapsedMs: record[7]!,
        consecutive: record[8]!,
        ejectedForMs: record[9]! > decided.atMs ? forMs(record[9]!, decided.atMs) : 0,
      };
    case RETRY: {
      const verdict = wordOf(RETRY_CODES, record[6]!);
      const budget = record[8]!;
      // A retry takes one, and the instant is the same: what was there before need not be written.
      const budgetBefore = verdict === "retried" ? budget + 1 : budget;
      return { kind: "retry", ...decided, verdict, pauseMs: record[7]!, budget, budgetBefore };
    }
    case HEDGE:
      return {
        kind: "hedge",
        ...decided,
        verdict: wordOf(HEDGE_CODES, record[6]!),
        elapsedMs: record[7]!,
        budget: record[8]!,
      };
    case BREAKER:
      return { kind: "breaker", ...decided, state: wordOf(BREAKER_CODES, record[6]!) };
    default:
      return { kind: "refusal", ...decided, by: wordOf(REFUSAL_CODES, record[6]!), value: record[7]! };
  }
}

/**
 * Puts what an attempt came to before the retry that it led to. A retry is decided when the head of an answer is there,
 * and its attempt is noted when the rest of it has been thrown away.
 */
export function causesFirst(decisions: readonly Decision[]): Decision[] {
  const told: Decision[] = [];
  const retries = new Map<string, Decision>();
  for (const decision of decisions) {
    const of = `${decision.call} ${decision.attempt}`;
    const retry = decision.kind === "attempt" ? retries.get(of) : undefined;
    if (retry !== undefined) told.splice(told.lastIndexOf(retry), 0, decision);
    else told.push(decision);
    if (decision.kind === "retry") retries.set(of, decision);
  }
  return told;
}

function absentOf(record: Float64Array, name: (node: number) => string): Absent[] {
  return Array.from({ length: record[14]! }, (_, i) => {
    const at = ABSENT + i * 3;
    const why = wordOf(ABSENCE_CODES, record[at + 1]!);
    return { endpoint: name(record[at]!), why, forMs: why === "ejected" ? forMs(record[at + 2]!, record[2]!) : null };
  });
}

/** Null: nobody knows. */
function forMs(untilMs: number, atMs: number): number | null {
  return Number.isFinite(untilMs) ? Math.max(0, untilMs - atMs) : null;
}

function candidatesOf(record: Float64Array, name: (node: number) => string): Candidate[] {
  const count = Math.min(record[11]!, CANDIDATES);
  return Array.from({ length: count }, (_, i) => {
    const at = CANDIDATES_AT + i * CANDIDATE_WIDTH;
    const load = record[at + LOAD]!;
    return {
      endpoint: name(record[at]!),
      load: Number.isFinite(load) ? load : null,
      latencyMs: record[at + LATENCY_PART]!,
      failures: record[at + FAILURE_PART]!,
      pending: record[at + PENDING_PART]!,
      weight: record[at + WEIGHT_PART]!,
      onHold: record[at + HOLD_PART]! > record[2]!,
    };
  });
}

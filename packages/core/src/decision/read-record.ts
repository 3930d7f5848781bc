import {
  ABSENCE_CODES,
  type Absent,
  ATTEMPT_CODES,
  BREAKER_CODES,
  type Candidate,
  type Decision,
  ejectionOf,
  FATE_CODES,
  HEDGE_CODES,
  PICK_CODES,
  type PickDecision,
  type PickedSession,
  REFUSAL_CODES,
  RETRY_CODES,
  wordsOf,
} from "./decision.ts";
import { type OtherAttempt, REPEATER_CODES } from "../policy/retry/other-attempt.ts";
import type { PickGroup } from "./pick-group.ts";
import {
  FAILURE_PART,
  HOLD_PART,
  IN_FLIGHT_PART,
  LATENCY_PART,
  LOAD,
  PENDING_PART,
  WEIGHT_PART,
} from "./pick-record.ts";
import {
  ABSENT,
  ABSENT_WIDTH,
  ATTEMPT,
  BREAKER,
  CANDIDATE_WIDTH,
  CANDIDATES,
  CANDIDATES_AT,
  DRAWS_AT,
  HEDGE,
  PICK,
  RETRY,
  SESSION,
} from "./record.ts";

const VERDICTS = wordsOf(PICK_CODES);
const OUTCOMES = wordsOf(ATTEMPT_CODES);
const RETRIES = wordsOf(RETRY_CODES);
const HEDGES = wordsOf(HEDGE_CODES);
const STATES = wordsOf(BREAKER_CODES);
const REFUSERS = wordsOf(REFUSAL_CODES);
const ABSENCES = wordsOf(ABSENCE_CODES);
const REPEATERS = wordsOf(REPEATER_CODES);
const FATES = wordsOf(FATE_CODES);

/** What the numbers of nodes and groups stand for. */
export interface RecordNames {
  endpoint(node: number): string;
  group(number: number): PickGroup | undefined;
}

/**
 * The decision that a record stands for. Every kept call of a trace pays for this, so it takes nothing apart that it does
 * not have to.
 *
 * @param at where it begins in `records`
 */
export function readRecord(records: Float64Array, at: number, names: RecordNames): Decision {
  const number = records[at + 1]!;
  const atMs = records[at + 2]!;
  const call = records[at + 3]!;
  const attempt = records[at + 4]!;
  const code = records[at + 6]!;
  switch (records[at]) {
    case PICK:
      return readPick(records, at, names);
    case ATTEMPT: {
      const untilMs = records[at + 9]!;
      return {
        kind: "attempt",
        number,
        atMs,
        call,
        attempt,
        endpoint: names.endpoint(records[at + 5]!),
        outcome: OUTCOMES[code]!,
        elapsedMs: records[at + 7]!,
        consecutive: records[at + 8]!,
        ejectedForMs: untilMs > atMs ? forMs(untilMs, atMs) : 0,
        ejectedBy: untilMs > atMs ? ejectionOf(records[at + 10]!) : undefined,
      };
    }
    case RETRY: {
      const verdict = RETRIES[code]!;
      const budget = records[at + 8]!;
      return {
        kind: "retry",
        number,
        atMs,
        call,
        attempt,
        verdict,
        pauseMs: records[at + 7]!,
        budget,
        // A retry takes one, and the instant is the same: what was there before need not be written.
        budgetBefore: verdict === "retried" ? budget + 1 : budget,
        underWay: verdict === "concurrency" ? { running: records[at + 9]!, most: records[at + 10]! } : undefined,
        leftTo: verdict === "left-to-caller" ? readLeftTo(records, at) : undefined,
      };
    }
    case HEDGE: {
      const verdict = HEDGES[code]!;
      return {
        kind: "hedge",
        number,
        atMs,
        call,
        attempt,
        verdict,
        elapsedMs: records[at + 7]!,
        budget: records[at + 8]!,
      };
    }
    case BREAKER:
      return { kind: "breaker", number, atMs, call, attempt, state: STATES[code]! };
    default:
      return { kind: "refusal", number, atMs, call, attempt, by: REFUSERS[code]!, value: records[at + 7]! };
  }
}

function readLeftTo(records: Float64Array, at: number): OtherAttempt {
  return { number: records[at + 9]!, most: records[at + 10]!, by: REPEATERS[records[at + 11]!]! };
}

function readPick(records: Float64Array, at: number, names: RecordNames): PickDecision {
  const node = records[at + 5]!;
  const code = records[at + 6]!;
  const group = records[at + 15]!;
  return {
    kind: "pick",
    number: records[at + 1]!,
    atMs: records[at + 2]!,
    call: records[at + 3]!,
    attempt: records[at + 4]!,
    verdict: VERDICTS[code % SESSION]!,
    endpoint: node < 0 ? undefined : names.endpoint(node),
    members: records[at + 7]!,
    available: records[at + 8]!,
    ejected: records[at + 9]!,
    unhealthy: records[at + 12]!,
    absent: absentOf(records, at, names),
    typicalMs: records[at + 10]!,
    draws: drawsOf(records, at),
    candidates: candidatesOf(records, at, names),
    compared: records[at + 11]!,
    group: group === 0 ? undefined : names.group(Math.abs(group)),
    beyondGroup: group < 0,
    session: code < SESSION ? undefined : sessionOf(records, at, names),
  };
}

function sessionOf(records: Float64Array, at: number, names: RecordNames): PickedSession {
  const fate = FATES[Math.floor(records[at + 6]! / SESSION) - 1]!;
  const node = records[at + 16]!;
  return {
    endpoint: node < 0 ? undefined : names.endpoint(node),
    fate,
    forMs: fate === "ejected" ? forMs(records[at + 17]!, records[at + 2]!) : null,
  };
}

/**
 * Puts what an attempt came to before the retry that it led to. A retry is decided when the head of an answer is there,
 * and its attempt is noted when the rest of it has been thrown away.
 */
export function causesFirst(decisions: Decision[]): Decision[] {
  if (!decisions.some(isRetry)) return decisions;
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

function isRetry({ kind }: Decision): boolean {
  return kind === "retry";
}

function absentOf(records: Float64Array, at: number, names: RecordNames): Absent[] {
  const absent: Absent[] = [];
  const atMs = records[at + 2]!;
  const end = at + ABSENT + records[at + 14]! * ABSENT_WIDTH;
  for (let i = at + ABSENT; i < end; i += ABSENT_WIDTH) {
    const why = ABSENCES[records[i + 1]!]!;
    absent.push({
      endpoint: names.endpoint(records[i]!),
      why,
      forMs: why === "ejected" ? forMs(records[i + 2]!, atMs) : null,
      by: why === "ejected" ? ejectionOf(records[i + 3]!) : undefined,
    });
  }
  return absent;
}

/** Null: nobody knows. */
function forMs(untilMs: number, atMs: number): number | null {
  return Number.isFinite(untilMs) ? Math.max(0, untilMs - atMs) : null;
}

function drawsOf(records: Float64Array, at: number): number[] {
  const draws: number[] = [];
  const end = at + DRAWS_AT + records[at + 13]!;
  for (let i = at + DRAWS_AT; i < end; i++) draws.push(records[i]!);
  return draws;
}

function candidatesOf(records: Float64Array, at: number, names: RecordNames): Candidate[] {
  const candidates: Candidate[] = [];
  const end = at + CANDIDATES_AT + Math.min(records[at + 11]!, CANDIDATES) * CANDIDATE_WIDTH;
  for (let i = at + CANDIDATES_AT; i < end; i += CANDIDATE_WIDTH) {
    const load = records[i + LOAD]!;
    const inFlight = records[i + IN_FLIGHT_PART]!;
    candidates.push({
      endpoint: names.endpoint(records[i]!),
      load: Number.isFinite(load) ? load : null,
      latencyMs: records[i + LATENCY_PART]!,
      failures: records[i + FAILURE_PART]!,
      pending: records[i + PENDING_PART]!,
      weight: records[i + WEIGHT_PART]!,
      onHold: records[i + HOLD_PART]! > records[at + 2]!,
      inFlight: inFlight < 0 ? null : inFlight,
    });
  }
  return candidates;
}

import type { Node } from "../cluster/node.ts";
import type { Outcome } from "../outcome.ts";
import {
  ATTEMPT_CODES,
  type Candidate,
  type Decision,
  HEDGE_CODES,
  type HedgeVerdict,
  PICK_CODES,
  type PickVerdict,
  REFUSAL_CODES,
  type Refuser,
  RETRY_CODES,
  type RetryDecision,
  wordOf,
} from "./decision.ts";
import {
  FAILURE_PART,
  HOLD_PART,
  LATENCY_PART,
  LOAD,
  PENDING_PART,
  type PickRecord,
  WEIGHT_PART,
} from "./pick-record.ts";

const PICK = 1;
const ATTEMPT = 2;
const RETRY = 3;
const REFUSAL = 4;
const HEDGE = 5;

/** Numbers in one record: a head of 13, and 4 candidates of 7. 328 bytes. */
const WIDTH = 41;
const HEAD = 13;
const CANDIDATE = 7;
const CANDIDATES = 4;
/** Places after the ring for candidates beyond four: compared like the others, but not kept. */
const SPARE = 32;

/**
 * The last decisions about one service's calls, as numbers in a ring: writing one costs some stores and no memory.
 * `decisions` turns them into objects, `sentence` those into words, when somebody asks.
 *
 * @param records how many are kept, >= 1. Default 256: 82 KiB for each service
 */
export class DecisionLog implements PickRecord {
  readonly #records: number;
  readonly ring: Float64Array;
  #written = 0;
  #at = 0; // start of the record being written
  #candidates = 0; // of the pick being recorded

  constructor(records = 256) {
    this.#records = records;
    this.ring = new Float64Array(records * WIDTH + SPARE * CANDIDATE);
  }

  pick(atMs: number, call: number, attempt: number, typicalMs: number): void {
    this.#begin(PICK, atMs, call, attempt);
    this.ring[this.#at + 10] = typicalMs;
    this.#candidates = 0;
  }

  candidate(number: number): number {
    const count = this.#candidates++;
    if (count >= CANDIDATES) return this.#records * WIDTH + Math.min(count, SPARE - 1) * CANDIDATE;
    const at = this.#at + HEAD + count * CANDIDATE;
    this.ring[at] = number;
    return at;
  }

  /** Ends the record that `pick` began. */
  picked(
    verdict: PickVerdict,
    node: Node | undefined,
    members: number,
    available: number,
    ejected: number,
    unhealthy: number,
  ): void {
    const ring = this.ring;
    ring[this.#at + 5] = node === undefined ? -1 : node.number;
    ring[this.#at + 6] = PICK_CODES[verdict];
    ring[this.#at + 7] = members;
    ring[this.#at + 8] = available;
    ring[this.#at + 9] = ejected;
    ring[this.#at + 11] = this.#candidates;
    ring[this.#at + 12] = unhealthy;
  }

  attempt(atMs: number, call: number, attempt: number, node: Node, outcome: Outcome, elapsedMs: number): void {
    this.#begin(ATTEMPT, atMs, call, attempt);
    const ring = this.ring;
    ring[this.#at + 5] = node.number;
    ring[this.#at + 6] = ATTEMPT_CODES[outcome.kind === "failure" ? outcome.reason : outcome.kind];
    ring[this.#at + 7] = elapsedMs;
    ring[this.#at + 8] = node.fitness.consecutive;
  }

  retry(
    atMs: number,
    call: number,
    attempt: number,
    verdict: RetryDecision["verdict"],
    pauseMs: number,
    budget: number,
  ): void {
    this.#begin(RETRY, atMs, call, attempt);
    this.ring[this.#at + 6] = RETRY_CODES[verdict];
    this.ring[this.#at + 7] = pauseMs;
    this.ring[this.#at + 8] = budget;
  }

  hedge(atMs: number, call: number, attempt: number, verdict: HedgeVerdict, elapsedMs: number, budget: number): void {
    this.#begin(HEDGE, atMs, call, attempt);
    this.ring[this.#at + 6] = HEDGE_CODES[verdict];
    this.ring[this.#at + 7] = elapsedMs;
    this.ring[this.#at + 8] = budget;
  }

  refusal(atMs: number, call: number, by: Refuser, value: number): void {
    this.#begin(REFUSAL, atMs, call, 0);
    this.ring[this.#at + 6] = REFUSAL_CODES[by];
    this.ring[this.#at + 7] = value;
  }

  /**
   * The decisions kept, oldest first.
   *
   * @param name the endpoint a number stands for
   * @param call only those about this call
   */
  decisions(name: (node: number) => string, call?: number): Decision[] {
    const found: Decision[] = [];
    for (let i = Math.max(0, this.#written - this.#records); i < this.#written; i++) {
      const record = this.ring.subarray((i % this.#records) * WIDTH, (i % this.#records) * WIDTH + WIDTH);
      if (call === undefined || record[3] === call) found.push(read(record, name));
    }
    return found;
  }

  #begin(kind: number, atMs: number, call: number, attempt: number): void {
    const ring = this.ring;
    const at = (this.#written % this.#records) * WIDTH;
    ring[at] = kind;
    ring[at + 1] = this.#written++;
    ring[at + 2] = atMs;
    ring[at + 3] = call;
    ring[at + 4] = attempt;
    this.#at = at;
  }
}

function read(record: Float64Array, name: (node: number) => string): Decision {
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
        typicalMs: record[10]!,
        candidates: candidatesOf(record, name),
        compared: record[11]!,
      };
    case ATTEMPT:
      return {
        kind: "attempt",
        ...decided,
        endpoint: name(record[5]!),
        outcome: wordOf(ATTEMPT_CODES, record[6]!),
        elapsedMs: record[7]!,
        consecutive: record[8]!,
      };
    case RETRY:
      return {
        kind: "retry",
        ...decided,
        verdict: wordOf(RETRY_CODES, record[6]!),
        pauseMs: record[7]!,
        budget: record[8]!,
      };
    case HEDGE:
      return {
        kind: "hedge",
        ...decided,
        verdict: wordOf(HEDGE_CODES, record[6]!),
        elapsedMs: record[7]!,
        budget: record[8]!,
      };
    default:
      return { kind: "refusal", ...decided, by: wordOf(REFUSAL_CODES, record[6]!), value: record[7]! };
  }
}

function candidatesOf(record: Float64Array, name: (node: number) => string): Candidate[] {
  const count = Math.min(record[11]!, CANDIDATES);
  return Array.from({ length: count }, (_, i) => {
    const at = HEAD + i * CANDIDATE;
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

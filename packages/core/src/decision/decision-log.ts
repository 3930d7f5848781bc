import type { Node } from "../cluster/node.ts";
import type { Outcome } from "../outcome.ts";
import {
  ATTEMPT_OUTCOMES,
  type Candidate,
  type Decision,
  PICK_VERDICTS,
  type PickVerdict,
  type Refuser,
  REFUSERS,
  RETRY_VERDICTS,
  type RetryDecision,
} from "./decision.ts";
import type { PickRecord } from "./pick-record.ts";

const PICK = 1;
const ATTEMPT = 2;
const RETRY = 3;
const REFUSAL = 4;

/** Numbers in one record: a head of 12, and 4 candidates of 7. 320 bytes. */
const WIDTH = 40;
const HEAD = 12;
const CANDIDATE = 7;
const CANDIDATES = 4;

/**
 * The last decisions about one service's calls, as numbers in a ring: writing one costs some stores and no memory.
 * `decisions` turns them into objects, `sentence` those into words, when somebody asks.
 *
 * @param records how many are kept, >= 1. Default 256: 80 KiB for each service
 */
export class DecisionLog implements PickRecord {
  readonly #records: number;
  readonly #ring: Float64Array;
  #written = 0;
  #at = 0; // start of the record being written

  constructor(records = 256) {
    this.#records = records;
    this.#ring = new Float64Array(records * WIDTH);
  }

  pick(atMs: number, call: number, attempt: number, typicalMs: number): void {
    this.#begin(PICK, atMs, call, attempt);
    this.#ring[this.#at + 10] = typicalMs;
    this.#ring[this.#at + 11] = 0;
  }

  candidate(node: Node, load: number, latencyMs: number, failures: number): void {
    const ring = this.#ring;
    const count = ring[this.#at + 11]!;
    ring[this.#at + 11] = count + 1;
    if (count >= CANDIDATES) return;
    const at = this.#at + HEAD + count * CANDIDATE;
    ring[at] = node.number;
    ring[at + 1] = load;
    ring[at + 2] = latencyMs;
    ring[at + 3] = failures;
    ring[at + 4] = node.pending;
    ring[at + 5] = node.endpoint.weight;
    ring[at + 6] = node.holdUntilMs;
  }

  /** Ends the record that `pick` began. */
  picked(verdict: PickVerdict, node: Node | undefined, members: number, available: number, ejected: number): void {
    const ring = this.#ring;
    ring[this.#at + 5] = node === undefined ? -1 : node.number;
    ring[this.#at + 6] = PICK_VERDICTS.indexOf(verdict);
    ring[this.#at + 7] = members;
    ring[this.#at + 8] = available;
    ring[this.#at + 9] = ejected;
  }

  attempt(atMs: number, call: number, attempt: number, node: Node, outcome: Outcome, elapsedMs: number): void {
    this.#begin(ATTEMPT, atMs, call, attempt);
    const ring = this.#ring;
    ring[this.#at + 5] = node.number;
    ring[this.#at + 6] = ATTEMPT_OUTCOMES.indexOf(outcome.kind === "failure" ? outcome.reason : outcome.kind);
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
    this.#ring[this.#at + 6] = RETRY_VERDICTS.indexOf(verdict);
    this.#ring[this.#at + 7] = pauseMs;
    this.#ring[this.#at + 8] = budget;
  }

  refusal(atMs: number, call: number, by: Refuser, value: number): void {
    this.#begin(REFUSAL, atMs, call, 0);
    this.#ring[this.#at + 6] = REFUSERS.indexOf(by);
    this.#ring[this.#at + 7] = value;
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
      const record = this.#ring.subarray((i % this.#records) * WIDTH, (i % this.#records) * WIDTH + WIDTH);
      if (call === undefined || record[3] === call) found.push(read(record, name));
    }
    return found;
  }

  #begin(kind: number, atMs: number, call: number, attempt: number): void {
    const ring = this.#ring;
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
        verdict: PICK_VERDICTS[record[6]!]!,
        endpoint: record[5]! < 0 ? undefined : name(record[5]!),
        members: record[7]!,
        available: record[8]!,
        ejected: record[9]!,
        typicalMs: record[10]!,
        candidates: candidatesOf(record, name),
        compared: record[11]!,
      };
    case ATTEMPT:
      return {
        kind: "attempt",
        ...decided,
        endpoint: name(record[5]!),
        outcome: ATTEMPT_OUTCOMES[record[6]!]!,
        elapsedMs: record[7]!,
        consecutive: record[8]!,
      };
    case RETRY:
      return {
        kind: "retry",
        ...decided,
        verdict: RETRY_VERDICTS[record[6]!]!,
        pauseMs: record[7]!,
        budget: record[8]!,
      };
    default:
      return { kind: "refusal", ...decided, by: REFUSERS[record[6]!]!, value: record[7]! };
  }
}

function candidatesOf(record: Float64Array, name: (node: number) => string): Candidate[] {
  const count = Math.min(record[11]!, CANDIDATES);
  return Array.from({ length: count }, (_, i) => {
    const at = HEAD + i * CANDIDATE;
    const load = record[at + 1]!;
    return {
      endpoint: name(record[at]!),
      load: Number.isFinite(load) ? load : null,
      latencyMs: record[at + 2]!,
      failures: record[at + 3]!,
      pending: record[at + 4]!,
      weight: record[at + 5]!,
      onHold: record[at + 6]! > record[2]!,
    };
  });
}

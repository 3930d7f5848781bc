import type { Node } from "../cluster/node.ts";
import type { SessionFate } from "../cluster/session-keepers.ts";
import type { Outcome } from "../outcome.ts";
import type { BreakerState } from "../policy/circuit-breaker/circuit-breaker.ts";
import { type OtherAttempt, REPEATER_CODES } from "../policy/retry/other-attempt.ts";
import {
  ATTEMPT_CODES,
  BREAKER_CODES,
  type Decision,
  ejectionCode,
  FATE_CODES,
  HEDGE_CODES,
  type HedgeVerdict,
  PICK_CODES,
  type PickVerdict,
  REFUSAL_CODES,
  type Refuser,
  RETRY_CODES,
  type RetryDecision,
} from "./decision.ts";
import { IN_FLIGHT_PART, type PickRecord } from "./pick-record.ts";
import { causesFirst, readRecord, type RecordNames } from "./read-record.ts";
import {
  ABSENT,
  ABSENT_WIDTH,
  ATTEMPT,
  BREAKER,
  CANDIDATE_WIDTH,
  CANDIDATES,
  CANDIDATES_AT,
  DRAWS,
  DRAWS_AT,
  HEDGE,
  PICK,
  RECORD_WIDTH,
  REFUSAL,
  RETRY,
  SESSION,
} from "./record.ts";

/** Places after the ring for candidates beyond four: compared like the others, but not kept. */
const SPARE = 32;

/**
 * The last decisions about one service's calls, as numbers in a ring: writing one costs some stores and no memory.
 * `decisions` turns them into objects, `sentence` those into words, when somebody asks.
 *
 * What was decided about calls that went wrong moves to a second ring when its place in the first is needed; those that
 * go well do not reach it.
 */
export class DecisionLog implements PickRecord {
  readonly #records: number;
  readonly #most: number;
  readonly ring: Float64Array;
  #written = 0;
  #at = 0; // start of the record being written
  #candidates = 0; // of the pick being recorded
  #draws = 0;
  /** Calls whose records are kept: the newest, as many as there can be records of in the first ring. */
  readonly #wrong = new Set<number>();
  /** The newest of them: later calls need not be looked for. */
  #lastWrong = -1;
  /** Made when the first record moves. */
  #kept: Float64Array | undefined = undefined;
  #moved = 0;

  /**
   * @param records how many are kept, >= 1. Default 256: 132 KiB for each service
   * @param kept how many of calls that went wrong besides, >= 1. Default 128: 66 KiB, taken when the first does
   * @throws RangeError for a number that is none of these
   */
  constructor(records = 256, kept = 128) {
    if (!(isCount(records) && isCount(kept))) {
      throw new RangeError(`a log of ${records} records and ${kept} more: both must be whole numbers from 1 on`);
    }
    this.#records = records;
    this.#most = kept;
    this.ring = new Float64Array(records * RECORD_WIDTH + SPARE * CANDIDATE_WIDTH);
  }

  pick(atMs: number, call: number, attempt: number, typicalMs: number): void {
    this.#begin(PICK, atMs, call, attempt);
    this.ring[this.#at + 10] = typicalMs;
    this.ring[this.#at + 14] = 0;
    this.#candidates = this.#draws = 0;
  }

  candidate(number: number): number {
    const count = this.#candidates++;
    if (count >= CANDIDATES) return this.#records * RECORD_WIDTH + Math.min(count, SPARE - 1) * CANDIDATE_WIDTH;
    const at = this.#at + CANDIDATES_AT + count * CANDIDATE_WIDTH;
    this.ring[at] = number;
    this.ring[at + IN_FLIGHT_PART] = -1;
    return at;
  }

  more(count: number): void {
    this.#candidates += count;
  }

  /** The picker drew this number. */
  drew(value: number): number {
    if (this.#draws < DRAWS) this.ring[this.#at + DRAWS_AT + this.#draws++] = value;
    return value;
  }

  /** Who takes no traffic meanwhile. @param absent numbers by `absentNodes`, at least those of one */
  without(absent: Float64Array): void {
    const { ring } = this;
    const at = this.#at + ABSENT;
    ring[this.#at + 14] = absent.length / ABSENT_WIDTH;
    for (let i = 0; i < absent.length; i++) ring[at + i] = absent[i]!;
  }

  /** Ends the record that `pick` began. */
  picked(
    verdict: PickVerdict,
    node: Node | undefined,
    members: number,
    available: number,
    ejected: number,
    unhealthy: number,
    group: number,
  ): void {
    const ring = this.ring;
    ring[this.#at + 5] = node === undefined ? -1 : node.number;
    ring[this.#at + 6] = PICK_CODES[verdict];
    ring[this.#at + 7] = members;
    ring[this.#at + 8] = available;
    ring[this.#at + 9] = ejected;
    ring[this.#at + 11] = this.#candidates;
    ring[this.#at + 12] = unhealthy;
    ring[this.#at + 13] = this.#draws;
    ring[this.#at + 15] = group;
  }

  /** Adds to the record that `picked` ended what became of the call's session. @param node the one that keeps it */
  session(fate: SessionFate, node: Node | undefined): void {
    const ring = this.ring;
    const state = node?.fitness.state;
    ring[this.#at + 6]! += (FATE_CODES[fate] + 1) * SESSION;
    ring[this.#at + 16] = node === undefined ? -1 : node.number;
    ring[this.#at + 17] = state?.kind === "ejected" ? state.untilMs : Number.POSITIVE_INFINITY;
  }

  attempt(atMs: number, call: number, attempt: number, node: Node, outcome: Outcome, elapsedMs: number): void {
    this.#begin(ATTEMPT, atMs, call, attempt);
    const ring = this.ring;
    ring[this.#at + 5] = node.number;
    ring[this.#at + 6] = ATTEMPT_CODES[outcome.kind === "failure" ? outcome.reason : outcome.kind];
    ring[this.#at + 7] = elapsedMs;
    ring[this.#at + 8] = node.fitness.consecutive;
    const { state } = node.fitness;
    ring[this.#at + 9] = state.kind === "ejected" ? state.untilMs : 0;
    ring[this.#at + 10] = state.kind === "ejected" ? ejectionCode(state.reason) : 0;
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

  /** Completes the record that `retry` has just written with the verdict `concurrency`. */
  retryBeyond(running: number, most: number): void {
    this.ring[this.#at + 9] = running;
    this.ring[this.#at + 10] = most;
  }

  /** The same with the verdict `left-to-caller`. */
  retryLeftTo({ number, most, by }: OtherAttempt): void {
    this.ring[this.#at + 9] = number;
    this.ring[this.#at + 10] = most;
    this.ring[this.#at + 11] = REPEATER_CODES[by];
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

  /** The call was let through by a breaker that is not closed. */
  breaker(atMs: number, call: number, state: BreakerState["kind"]): void {
    this.#begin(BREAKER, atMs, call, 0);
    this.ring[this.#at + 6] = BREAKER_CODES[state];
  }

  /** The call went wrong: what was decided about it is kept for longer, also what is still to be noted. */
  keep(call: number): void {
    const wrong = this.#wrong;
    wrong.add(call);
    if (call > this.#lastWrong) this.#lastWrong = call;
    if (wrong.size <= this.#records) return;
    for (const oldest of wrong) {
      wrong.delete(oldest);
      return;
    }
  }

  /**
   * The decisions kept, oldest first; but a failure stands before the retry that it led to, whichever was noted first.
   *
   * @param call only those about this call
   * @param sinceMs when that call began: nothing about it is older, so that few records are looked at
   */
  decisions(names: RecordNames, call?: number, sinceMs: number = Number.NEGATIVE_INFINITY): Decision[] {
    const found: Decision[] = [];
    const look = (records: Float64Array, most: number, written: number): void => {
      const oldest = Math.max(0, written - most);
      for (let i = written - 1; i >= oldest; i--) {
        const at = (i % most) * RECORD_WIDTH;
        if (records[at + 2]! < sinceMs && isInOrder(records[at]!)) return;
        if (call === undefined || records[at + 3] === call) found.push(readRecord(records, at, names));
      }
    };
    look(this.ring, this.#records, this.#written); // the newest first
    if (this.#kept !== undefined) look(this.#kept, this.#most, this.#moved);
    return causesFirst(found.toReversed());
  }

  #begin(kind: number, atMs: number, call: number, attempt: number): void {
    const ring = this.ring;
    const at = (this.#written % this.#records) * RECORD_WIDTH;
    if (ring[at + 3]! <= this.#lastWrong && this.#written >= this.#records) this.#move(at);
    ring[at] = kind;
    ring[at + 1] = this.#written++;
    ring[at + 2] = atMs;
    ring[at + 3] = call;
    ring[at + 4] = attempt;
    this.#at = at;
  }

  /** A record's place is needed. */
  #move(from: number): void {
    const { ring } = this;
    if (!this.#wrong.has(ring[from + 3]!)) return;
    const kept = (this.#kept ??= new Float64Array(this.#most * RECORD_WIDTH));
    const to = (this.#moved++ % this.#most) * RECORD_WIDTH;
    for (let i = 0; i < RECORD_WIDTH; i++) kept[to + i] = ring[from + i]!;
  }
}

function isCount(records: number): boolean {
  return Number.isInteger(records) && records >= 1;
}

/** Whether its instant is the one it was noted at. What is told of a call before any attempt has that of its beginning. */
function isInOrder(kind: number): boolean {
  return kind !== REFUSAL && kind !== BREAKER;
}

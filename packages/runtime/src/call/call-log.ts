import { CallRing, type EndedCall, type LoggedCall, type Side } from "./call-ring.ts";
import { type RefusedCall, refusedCall } from "./refused-call.ts";

/** Which calls are asked for. What is absent, all. */
export interface CallFilter {
  readonly service?: string;
  /** Only those that ended after the one of this `seq`. */
  readonly since?: number;
  /** Only those that failed, were given up by their caller, or were tried more than once. */
  readonly troubled?: boolean;
}

/** Requests that went to no service, as many as are kept: each has up to 1 KiB. */
const MOST_REFUSED = 256;

/**
 * The last calls of one home that have ended: what `explain` finds a trace by, and what the dashboard lists.
 *
 * Those that are worth a question, because they failed, were given up by their caller or were tried more than once, stand
 * in a second ring besides, where the many that went well do not push them out. Writing makes next to nothing; with
 * the default sizes both rings have 600 KiB.
 */
export class CallLog {
  readonly #last: CallRing;
  readonly #troubled: CallRing;
  /** Requests that went to no service, oldest first: apart, so that whoever sends many pushes out no others. */
  readonly #refused: EndedCall[] = [];
  #ended = 0;

  /**
   * @param calls how many are kept, >= 1
   * @param troubled how many of those that are worth a question are kept longer, >= 1
   */
  constructor(calls = 4_096, troubled = 1_024) {
    this.#last = new CallRing(calls);
    this.#troubled = new CallRing(troubled);
  }

  /** How many are kept, and how many of those that are worth a question. */
  get kept(): { readonly calls: number; readonly troubled: number } {
    return { calls: this.#last.size, troubled: this.#troubled.size };
  }

  /** The `seq` of the call that ended last; 0 before any. */
  get newest(): number {
    return this.#ended;
  }

  /**
   * A call has ended. Once for each.
   *
   * @param endpoint id of the endpoint whose answer it got, or where the last attempt went; "" for none
   * @param traceId 32 hexadecimal digits; "" for a call in no trace
   * @param failed see core's `hasFailed`
   * @returns whether it is worth a question: then its decisions are worth keeping, too
   */
  ended(of: LoggedCall, side: Side, endpoint: string, traceId: string, failed: boolean): boolean {
    const seq = ++this.#ended;
    this.#last.write(seq, of, side, endpoint, traceId, failed);
    const troubled = failed || of.error !== undefined || of.call.attempt > 1;
    if (troubled) this.#troubled.write(seq, of, side, endpoint, traceId, failed);
    return troubled;
  }

  /** A request went to no service. Once for each. */
  refused(of: RefusedCall): void {
    this.#refused.push(refusedCall(++this.#ended, of));
    if (this.#refused.length > MOST_REFUSED) this.#refused.shift();
  }

  /** The calls of a trace that are still kept, in the order they ended. @param traceId 32 hexadecimal digits, lower case */
  find(traceId: string): EndedCall[] {
    const digits = Buffer.from(traceId, "latin1");
    if (digits.length !== 32) return [];
    const sent = this.#collect(Number.POSITIVE_INFINITY, (ring, slot) => ring.isOf(slot, digits));
    return inOrder([...sent, ...this.#refused.filter((of) => of.traceId === traceId)]);
  }

  /** The newest calls that pass the filter, in the order they ended. @param most >= 0 */
  last(most: number, { service, since = 0, troubled = false }: CallFilter = {}): EndedCall[] {
    const sent = this.#collect(most, (ring, slot) => {
      if (ring.seqAt(slot) <= since || (troubled && !ring.troubledAt(slot))) return false;
      return service === undefined || ring.serviceAt(slot) === service;
    });
    const refused = this.#refused.filter((of) => of.seq > since && (service === undefined || of.service === service));
    if (refused.length === 0) return sent;
    const among = newest(inOrder([...sent, ...refused]), most).filter(({ refusal }) => refusal !== undefined);
    // Half of them are for calls: whoever sends what is refused must not hide those that failed.
    const shown = newest(among, Math.max(Math.ceil(most / 2), most - sent.length));
    return inOrder([...newest(sent, most - shown.length), ...shown]);
  }

  #collect(most: number, wanted: (ring: CallRing, slot: number) => boolean): EndedCall[] {
    const found: EndedCall[] = [];
    let oldest = Number.POSITIVE_INFINITY; // of those in the first ring: the second has them again
    for (const ring of [this.#last, this.#troubled]) {
      const below = oldest;
      for (const slot of ring.slots()) {
        const seq = ring.seqAt(slot);
        oldest = Math.min(oldest, seq);
        if (found.length < most && seq < below && wanted(ring, slot)) found.push(ring.read(slot));
      }
    }
    return found.toReversed();
  }
}

function newest(calls: readonly EndedCall[], most: number): readonly EndedCall[] {
  return calls.slice(Math.max(0, calls.length - most));
}

function inOrder(calls: readonly EndedCall[]): EndedCall[] {
  return calls.toSorted((a, b) => a.seq - b.seq);
}

import type { Call, TracedCall, TracedRequest } from "@weft/core";
import type { Refusal } from "./refused-call.ts";
import { errorName } from "./report-end.ts";

/** What is read of a call when it has ended. A TracedCall has it all. */
export interface LoggedCall extends Pick<TracedCall, "endedMs" | "status" | "grpcStatus" | "error"> {
  readonly call: Pick<Call, "number" | "service" | "startedMs" | "attempt" | "begun" | "cutBy">;
}

/** Where a call was made: see TracedRequest. */
export type Side = TracedRequest["side"];

/** A call that has ended, as it is remembered. */
export interface EndedCall {
  /** Counts up over the calls of the home that have ended, from 1. */
  readonly seq: number;
  /** The number of the call: its decisions have it. Counts up over calls as they begin. */
  readonly call: number;
  readonly side: Side;
  readonly service: string;
  /** Id of the endpoint whose answer it got, or where the last attempt went; undefined: it went nowhere. */
  readonly endpoint: string | undefined;
  /** On the policy clock. */
  readonly startedMs: number;
  readonly durationMs: number;
  /** 0: no head. */
  readonly status: number;
  /** -1: it is no call of gRPC, or has no status. */
  readonly grpcStatus: number;
  readonly attempts: number;
  /** A MeshError code or the transport's own; undefined: it was answered, body and all. */
  readonly error: string | undefined;
  /** See core's `hasFailed`. */
  readonly failed: boolean;
  /** 32 hexadecimal digits; undefined: it is in no trace. */
  readonly traceId: string | undefined;
  /** Why no service was asked; undefined: one was. Then `service` is whom it asked for, or `(none)`. */
  readonly refusal: Refusal | undefined;
}

/** Numbers of one call: seq, call, start, duration, status, gRPC status, attempts, side and verdict. */
const WIDTH = 8;
const DIGITS = 32; // of a trace id, a byte each
const NO_TRACE = "\0".repeat(DIGITS);
/** Trace ids become bytes so many at once: it is a call into C++. Till then they keep what they were cut from alive. */
const HELD_DIGITS = 64 * DIGITS;
const NAMES = 3; // service, endpoint, error

const SIDES: readonly Side[] = ["app", "outbound", "inbound"];
const SIDE_NUMBERS: Readonly<Record<Side, number>> = { app: 0, outbound: 1, inbound: 2 }; // places in SIDES
const FAILED = 4; // added to the side's number

/**
 * The last calls that were written to it. Numbers and trace ids lie in arrays of bytes; names are those that the home has
 * anyway, so that writing makes next to nothing. 120 bytes a call.
 */
export class CallRing {
  readonly #size: number;
  readonly #numbers: Float64Array;
  /** As text: kept as strings, each could keep the whole head alive that it was cut from. */
  readonly #traceIds: Buffer;
  /** Those of the newest calls, that are not written yet, one behind the other. */
  #held = "";
  readonly #names: string[];
  #written = 0;

  /** @param size calls kept, >= 1 */
  constructor(size: number) {
    this.#size = size;
    this.#numbers = new Float64Array(size * WIDTH);
    this.#traceIds = Buffer.alloc(size * DIGITS);
    this.#names = Array.from({ length: size * NAMES }, () => "");
  }

  get size(): number {
    return this.#size;
  }

  write(seq: number, of: LoggedCall, side: Side, endpoint: string, traceId: string, failed: boolean): void {
    const { call, error } = of;
    const slot = this.#written++ % this.#size;
    const numbers = this.#numbers;
    const at = slot * WIDTH;
    numbers[at] = seq;
    numbers[at + 1] = call.number;
    numbers[at + 2] = call.startedMs;
    numbers[at + 3] = of.endedMs - call.startedMs;
    numbers[at + 4] = of.status;
    numbers[at + 5] = of.grpcStatus;
    numbers[at + 6] = call.attempt;
    numbers[at + 7] = SIDE_NUMBERS[side] + (failed ? FAILED : 0);
    this.#held += traceId.length === DIGITS ? traceId : NO_TRACE;
    if (this.#held.length === HELD_DIGITS || slot === this.#size - 1) this.#writeHeld();
    const names = this.#names;
    names[slot * NAMES] = call.service;
    names[slot * NAMES + 1] = endpoint;
    names[slot * NAMES + 2] = error === undefined ? "" : errorName(error);
  }

  /** They end with the newest call's, and none of them lies behind the end of the ring. */
  #writeHeld(): void {
    const end = (((this.#written - 1) % this.#size) + 1) * DIGITS;
    this.#traceIds.write(this.#held, end - this.#held.length, "latin1");
    this.#held = "";
  }

  /** All trace ids, in the places of their calls. */
  #ids(): Buffer {
    if (this.#held !== "") this.#writeHeld();
    return this.#traceIds;
  }

  /** The places of the calls kept, newest first. */
  *slots(): Generator<number> {
    for (let i = this.#written - 1; i >= Math.max(0, this.#written - this.#size); i--) yield i % this.#size;
  }

  seqAt(slot: number): number {
    return this.#numbers[slot * WIDTH]!;
  }

  serviceAt(slot: number): string {
    return this.#names[slot * NAMES]!;
  }

  /** Whether it failed, was given up by its caller, or was tried more than once. */
  troubledAt(slot: number): boolean {
    const at = slot * WIDTH;
    return this.#numbers[at + 7]! >= FAILED || this.#numbers[at + 6]! > 1 || this.#names[slot * NAMES + 2] !== "";
  }

  /** @param traceId 32 hexadecimal digits, as bytes */
  isOf(slot: number, traceId: Buffer): boolean {
    return this.#ids().compare(traceId, 0, DIGITS, slot * DIGITS, slot * DIGITS + DIGITS) === 0;
  }

  read(slot: number): EndedCall {
    const at = slot * WIDTH;
    const numbers = this.#numbers;
    const verdict = numbers[at + 7]!;
    const ids = this.#ids();
    const idAt = slot * DIGITS;
    const [service = "", endpoint, error] = this.#names.slice(slot * NAMES, slot * NAMES + NAMES);
    return {
      seq: numbers[at]!,
      call: numbers[at + 1]!,
      side: SIDES[verdict % FAILED]!,
      service,
      endpoint: endpoint === "" ? undefined : endpoint,
      startedMs: numbers[at + 2]!,
      durationMs: numbers[at + 3]!,
      status: numbers[at + 4]!,
      grpcStatus: numbers[at + 5]!,
      attempts: numbers[at + 6]!,
      error: error === "" ? undefined : error,
      failed: verdict >= FAILED,
      refusal: undefined,
      traceId: ids[idAt] === 0 ? undefined : ids.toString("latin1", idAt, idAt + DIGITS),
    };
  }
}

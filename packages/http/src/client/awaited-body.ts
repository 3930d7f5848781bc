import { Expiring } from "@weft/core";
import type { ResponseHead } from "../head/response-head.ts";

/**
 * The most that a head waits for a short body, in ms: long for endpoints that write one right behind the other, short for
 * callers of one that begins to work in between. HAProxy waits as well, as long as the kernel does, unless it is told not
 * to (`option http-no-delay`).
 */
export const AWAITED_MS = 5;

/** Who waits. */
export interface BodyAwaiter {
  bodyIsLate(awaited: AwaitedBody): void;
}

/**
 * The short body of an answer whose head is here already. Many endpoints write the two apart, and whoever is quick finds
 * the head alone: sent on at once it makes two messages of one.
 */
export class AwaitedBody extends Expiring {
  readonly head: ResponseHead;
  /** What has come of it. */
  begun: Buffer;
  readonly #awaiter: BodyAwaiter;

  /** @param begun memory that stays */
  constructor(awaiter: BodyAwaiter, head: ResponseHead, begun: Buffer) {
    super();
    this.#awaiter = awaiter;
    this.head = head;
    this.begun = begun;
  }

  /** Takes what was read. @returns all of it, with what came behind it, when it is here */
  take(bytes: Buffer, to: number): Buffer | undefined {
    const read = bytes.subarray(0, to);
    const whole = this.begun.length === 0 ? read : Buffer.concat([this.begun, read]);
    if (whole.length >= this.head.contentLength) return whole;
    this.begun = Buffer.from(whole); // what is read into is every connection's
    return undefined;
  }

  expire(): void {
    this.#awaiter.bodyIsLate(this);
  }
}

import { Expiring } from "@weft/core";
import type { ResponseHead } from "../head/response-head.ts";

/** A body of an answer up to that size leaves as a string with its head, where it does not come much later. */
export const SHORT_BYTES = 2_048;

/**
 * The most that a head waits for a short body, in ms: long for endpoints that write one right behind the other, short for
 * callers of one that begins to work in between. HAProxy waits as well, as long as the kernel does, unless it is told not
 * to (`option http-no-delay`).
 */
export const AWAITED_MS = 5;

/** An answer that waits. */
export interface BodyAwaiter {
  /** The head is told without it. */
  bodyIsLate(head: ResponseHead): void;
}

/**
 * The short body of an answer whose head is here already. Many endpoints write the two apart, and whoever is quick finds
 * the head alone: sent on at once it makes two messages of one.
 */
export class AwaitedBody extends Expiring {
  /** Nobody has been told of it. */
  readonly head: ResponseHead;
  readonly #answer: BodyAwaiter;

  constructor(head: ResponseHead, answer: BodyAwaiter) {
    super();
    this.head = head;
    this.#answer = answer;
  }

  expire(): void {
    this.#answer.bodyIsLate(this.head);
  }
}

interface WithheldReset {
  readonly code: number;
  /** The endpoint has the whole request: the end of its answer is that of the stream. */
  readonly requestEnded: boolean;
  answerEnded: boolean;
}

/**
 * Streams of a connection that we have given up without telling the endpoint yet, in that order. To the endpoint they
 * are open until it ends them, or is told.
 */
export class WithheldResets {
  readonly #resets = new Map<number, WithheldReset>();

  get size(): number {
    return this.#resets.size;
  }

  has(id: number): boolean {
    return this.#resets.has(id);
  }

  add(id: number, code: number, requestEnded: boolean): void {
    this.#resets.set(id, { code, requestEnded, answerEnded: false });
  }

  /**
   * The endpoint has sent the end of its answer, or reset the stream.
   *
   * @returns "no": of none of these, or not for the first time; "wholly": it is over, and gone from here
   */
  ended(id: number, byReset: boolean): "no" | "half" | "wholly" {
    const reset = this.#resets.get(id);
    if (reset === undefined || (reset.answerEnded && !byReset)) return "no";
    reset.answerEnded = true;
    if (!byReset && !reset.requestEnded) return "half";
    this.#resets.delete(id);
    return "wholly";
  }

  /** Tells the endpoint of the oldest, which is none of these any more. */
  tellOldest(connection: { sendReset(id: number, code: number): void }): void {
    for (const [id, { code }] of this.#resets) {
      this.#resets.delete(id);
      return connection.sendReset(id, code);
    }
  }
}

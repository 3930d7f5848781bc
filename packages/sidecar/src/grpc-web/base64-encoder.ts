/** So many bytes become four characters without padding. */
const QUANTUM_BYTES = 3;

/** Writes base64 as bytes come. Between two calls it holds less than one quantum. */
export class Base64Encoder {
  #held: Buffer | undefined = undefined;

  /**
   * @param flush all that came is to be readable by this text: it ends with padding where that takes some, and the next
   *   call begins a text of its own
   * @returns memory of its own; empty when there is nothing to send yet
   */
  encode(bytes: Buffer, flush: boolean): Buffer {
    const held = this.#held;
    const all = held === undefined ? bytes : Buffer.concat([held, bytes]);
    const whole = flush ? all.length : all.length - (all.length % QUANTUM_BYTES);
    // Of memory that may be the source's again: a copy.
    this.#held = whole < all.length ? Buffer.from(all.subarray(whole)) : undefined;
    return Buffer.from(all.toString("base64", 0, whole), "latin1");
  }
}

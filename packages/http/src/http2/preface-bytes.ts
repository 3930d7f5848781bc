import { PREFACE } from "./frame.ts";

/** The bytes that a caller's connection begins with (RFC 9113 3.4), as they come. */
export class PrefaceBytes {
  #seen = 0;

  get whole(): boolean {
    return this.#seen === PREFACE.length;
  }

  /** @returns where they end in this read; -1: they are others */
  take(bytes: Buffer, to: number): number {
    let at = 0;
    while (at < to && this.#seen < PREFACE.length) if (bytes[at++] !== PREFACE[this.#seen++]) return -1;
    return at;
  }
}

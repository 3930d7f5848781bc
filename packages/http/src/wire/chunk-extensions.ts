import { CR, LF, TOKEN, VALUE } from "../head/byte-tables.ts";
import type { RefusalCode } from "../head/refusal.ts";

/** All extensions of one body together, in bytes. Source: Node (llhttp) takes as much. */
const MAX_EXTENSION_BYTES = 16 * 1024;

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

type State = "semicolon" | "name-start" | "name" | "value-start" | "value" | "quoted" | "escaped" | "quoted-end";

/**
 * Checks the extensions of chunks, `;name`, `;name=token` or `;name="text"` (RFC 9112 7.1.1), byte by byte. Nobody here
 * knows any, so they are read over. White space around them is refused: the RFC calls it bad, and readers differ on it.
 */
export class ChunkExtensions {
  problem: RefusalCode = "chunk-extension";
  #state: State = "semicolon";
  #bytes = 0;

  /** @returns the offset of the CR behind the extensions of this chunk; `to` when they go on; -1 when refused */
  read(bytes: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === CR && this.#mayEnd()) {
        this.#state = "semicolon";
        return at;
      }
      if (++this.#bytes > MAX_EXTENSION_BYTES) return this.#refuse("chunk-extensions-too-long");
      const next = this.#next(byte);
      if (next === undefined) return this.#refuse(byte === LF ? "bare-lf" : "chunk-extension");
      this.#state = next;
    }
    return to;
  }

  #mayEnd(): boolean {
    return this.#state === "name" || this.#state === "value" || this.#state === "quoted-end";
  }

  #next(byte: number): State | undefined {
    switch (this.#state) {
      case "semicolon":
      case "quoted-end":
        return byte === SEMICOLON ? "name-start" : undefined;
      case "name-start":
        return TOKEN[byte] !== 0 ? "name" : undefined;
      case "name":
        if (byte === EQUALS) return "value-start";
        return byte === SEMICOLON ? "name-start" : TOKEN[byte] !== 0 ? "name" : undefined;
      case "value-start":
        return byte === QUOTE ? "quoted" : TOKEN[byte] !== 0 ? "value" : undefined;
      case "value":
        return byte === SEMICOLON ? "name-start" : TOKEN[byte] !== 0 ? "value" : undefined;
      case "quoted":
        if (byte === QUOTE) return "quoted-end";
        return byte === BACKSLASH ? "escaped" : VALUE[byte] !== 0 ? "quoted" : undefined;
      case "escaped":
        return VALUE[byte] !== 0 ? "quoted" : undefined;
      default:
        return this.#state satisfies never;
    }
  }

  #refuse(problem: RefusalCode): number {
    this.problem = problem;
    return -1;
  }
}

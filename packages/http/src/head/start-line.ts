import { CR, isDigit, LF, PERCENT, HEX, SPACE, TARGET, TOKEN, VALUE } from "./byte-tables.ts";
import { INCOMPLETE, REFUSED } from "./field-scan.ts";
import type { RefusalCode } from "./refusal.ts";

/** Longest request line, in bytes. RFC 9112 3 asks for 8,000 at least. */
const MAX_REQUEST_LINE_BYTES = 8 * 1024;

const VERSION = Buffer.from("HTTP/1.", "latin1");
const DOT = 0x2e;
const ONE = 0x31;
const ZERO = 0x30;
const HASH_SIGN = 0x23;

/**
 * One pass over a start line, which only notes where its parts lie. One object serves all scans of a process: what it
 * notes is valid until the next scan.
 */
export class StartLineScan {
  problem: RefusalCode = "request-line";
  methodTo = 0;
  targetFrom = 0;
  targetTo = 0;
  minor: 0 | 1 = 1;
  status = 0;
  reasonFrom = 0;
  reasonTo = 0;

  /** @returns the offset behind the line, INCOMPLETE or REFUSED */
  scanRequest(bytes: Buffer, from: number, to: number): number {
    const limit = from + MAX_REQUEST_LINE_BYTES;
    const end = this.#scanRequest(bytes, from, Math.min(to, limit));
    return end === INCOMPLETE && to >= limit ? this.#refuse("request-line-too-long") : end;
  }

  #scanRequest(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && TOKEN[bytes[at]!] !== 0) at++;
    if (at >= to) return INCOMPLETE;
    if (bytes[at] !== SPACE || at === from) return this.#refuse(lineBroken(bytes[at]!, "method", "request-line"));
    this.methodTo = at++;

    this.targetFrom = at;
    for (;;) {
      while (at < to && TARGET[bytes[at]!] !== 0) at++;
      if (at >= to) return INCOMPLETE;
      const byte = bytes[at]!;
      if (byte === SPACE) break;
      if (byte !== PERCENT) return this.#refuse(badTarget(byte));
      for (let next = at + 1; next <= at + 2; next++) {
        if (next >= to) return INCOMPLETE;
        if (HEX[bytes[next]!] === 0) return this.#refuse("percent-encoding");
      }
      at += 3;
    }
    if (at === this.targetFrom) return this.#refuse("target");
    this.targetTo = at++;

    const behind = this.#version(bytes, at, to);
    return behind < 0 ? behind : this.#lineEnd(bytes, behind, to, "malformed-version");
  }

  /** @returns the offset behind the line, INCOMPLETE or REFUSED */
  scanResponse(bytes: Buffer, from: number, to: number): number {
    let at = this.#version(bytes, from, to);
    if (at < 0) return at;
    if (at >= to) return INCOMPLETE;
    if (bytes[at] !== SPACE) return this.#refuse(lineBroken(bytes[at]!, "status-line", "status-line"));
    let status = 0;
    for (let digits = 0; digits < 3; digits++) {
      if (++at >= to) return INCOMPLETE;
      if (!isDigit(bytes[at])) return this.#refuse("status-line");
      status = status * 10 + bytes[at]! - ZERO;
    }
    if (status < 100 || status > 599) return this.#refuse("status");
    this.status = status;
    if (++at >= to) return INCOMPLETE;
    // RFC 9112 4 has a space here even when no reason follows; servers leave it out, and nobody reads that differently.
    if (bytes[at] === SPACE) at++;
    else if (bytes[at] !== CR) return this.#refuse(lineBroken(bytes[at]!, "status-line", "status-line"));
    this.reasonFrom = at;
    while (at < to && VALUE[bytes[at]!] !== 0) at++;
    this.reasonTo = at;
    return this.#lineEnd(bytes, at, to, "status-line");
  }

  /** HTTP/1.0 or HTTP/1.1; the offset behind it. */
  #version(bytes: Buffer, from: number, to: number): number {
    for (let i = 0; i < 5; i++) {
      if (from + i >= to) return INCOMPLETE;
      if (bytes[from + i] !== VERSION[i]) return this.#refuse("malformed-version");
    }
    if (from + 5 >= to) return INCOMPLETE;
    if (!isDigit(bytes[from + 5])) return this.#refuse("malformed-version");
    if (from + 6 >= to) return INCOMPLETE;
    if (bytes[from + 6] !== DOT) return this.#refuse("malformed-version");
    if (from + 7 >= to) return INCOMPLETE;
    const minor = bytes[from + 7]!;
    if (!isDigit(minor)) return this.#refuse("malformed-version");
    if (bytes[from + 5] !== ONE || minor > ONE) return this.#refuse("version");
    this.minor = minor === ONE ? 1 : 0;
    return from + 8;
  }

  #lineEnd(bytes: Buffer, at: number, to: number, otherwise: RefusalCode): number {
    if (at >= to) return INCOMPLETE;
    if (bytes[at] !== CR) return this.#refuse(bytes[at] === LF ? "bare-lf" : otherwise);
    if (at + 1 >= to) return INCOMPLETE;
    return bytes[at + 1] === LF ? at + 2 : this.#refuse("bare-cr");
  }

  #refuse(problem: RefusalCode): number {
    this.problem = problem;
    return REFUSED;
  }
}

function lineBroken(byte: number, wrongByte: RefusalCode, endsHere: RefusalCode): RefusalCode {
  if (byte === LF) return "bare-lf";
  return byte === CR ? endsHere : wrongByte;
}

function badTarget(byte: number): RefusalCode {
  if (byte === HASH_SIGN) return "fragment";
  return lineBroken(byte, "target", "request-line");
}

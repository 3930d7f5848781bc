import { COLON, CR, HTAB, LF, NAME, SPACE, TOKEN, UNDERSCORE } from "./byte-tables.ts";
import { bucketOf, FIRST_KEPT, isName, type KnownNames, SLOTS } from "./known-names.ts";
import type { RefusalCode } from "./refusal.ts";
import { behindValue, memoryWords, NO_WORDS } from "./value-scan.ts";

/** What becomes of fields with an underscore in the name, which CGI-like readers take for a dash. */
export type Underscores = "drop" | "keep" | "refuse";

/** `scan` answers one of these, or the offset behind the empty line. */
export const INCOMPLETE = -1;
export const REFUSED = -2;

/** What is shorter is read byte by byte: no view of its memory is made for it. */
const SHORT_BYTES = 128;

/**
 * One pass over the field lines of a head or of a trailer section, which only notes where things lie. No string is made
 * before the head is known to be complete and right.
 *
 * One object serves all scans of a process: what it notes is valid until the next scan.
 */
export class FieldScan {
  problem: RefusalCode = "no-colon";
  /** Bit n: a line came for slot n. */
  present = 0;
  /** Bit n: more than one. */
  repeated = 0;
  seen = 0;
  /** Where the first value of a slot lies, without white space around it. */
  readonly valueFrom: Int32Array = new Int32Array(SLOTS);
  readonly valueTo: Int32Array = new Int32Array(SLOTS);
  /** Further lines of a slot: slot, from, to. */
  readonly more: number[] = [];
  /** Lines to be left out, as pairs of offsets; neighbours are one. */
  readonly cuts: number[] = [];
  cutCount = 0;
  readonly #memory = memoryWords();

  /**
   * @param from the first byte behind the start line
   * @param to where the bytes end that have come, or that may belong to the head
   * @param maxFields more lines than that are refused
   */
  scan(
    bytes: Buffer,
    from: number,
    to: number,
    known: KnownNames,
    maxFields: number,
    underscores: Underscores,
  ): number {
    this.present = 0;
    this.repeated = 0;
    this.seen = 0;
    this.cutCount = 0;
    const words = to - from < SHORT_BYTES ? NO_WORDS : this.#memory.of(bytes);
    const offset = bytes.byteOffset;
    let at = from;
    for (let count = 0; ; count++) {
      if (at >= to) return INCOMPLETE;
      if (bytes[at] === CR) return this.#emptyLine(bytes, at, to);
      if (count === maxFields) return this.#refuse("too-many-fields");
      const lineFrom = at;

      while (at < to && NAME[bytes[at]!] !== 0) at++;
      let withUnderscore = false;
      if (at < to && bytes[at] === UNDERSCORE && underscores !== "keep") {
        if (underscores === "refuse") return this.#refuse("underscore");
        withUnderscore = true;
      }
      while (at < to && TOKEN[bytes[at]!] !== 0) at++;
      if (at >= to) return INCOMPLETE;
      if (bytes[at] !== COLON) return this.#refuse(badName(bytes[at]!, at === lineFrom));
      if (at === lineFrom) return this.#refuse("empty-name");
      const nameTo = at++;

      while (at < to && (bytes[at] === SPACE || bytes[at] === HTAB)) at++;
      const valueFrom = at;
      at = behindValue(bytes, words, offset, at, to);
      if (at >= to) return INCOMPLETE;
      if (bytes[at] !== CR) return this.#refuse(badValue(bytes[at]!));
      if (at + 1 >= to) return INCOMPLETE;
      if (bytes[at + 1] !== LF) return this.#refuse("bare-cr");
      at += 2;

      const bucket = bucketOf(TOKEN[bytes[lineFrom]!]!, TOKEN[bytes[nameTo - 1]!]!, nameTo - lineFrom);
      if (isName(bytes, lineFrom, nameTo, known.names[bucket]!)) {
        this.seen |= known.seen[bucket]!;
        const slot = known.slots[bucket]!;
        if (slot !== 0) {
          this.#note(slot, valueFrom, trimmed(bytes, valueFrom, at - 2));
          if (slot < FIRST_KEPT) this.#cut(lineFrom, at);
        }
      } else if (withUnderscore) this.#cut(lineFrom, at);
    }
  }

  /**
   * The value of a slot, several lines joined by ", "; "" when none came.
   *
   * @param head text that begins at offset `base` of the bytes
   */
  value(head: string, base: number, slot: number): string {
    const bit = 1 << slot;
    if ((this.present & bit) === 0) return "";
    let value = head.slice(this.valueFrom[slot]! - base, this.valueTo[slot]! - base);
    if ((this.repeated & bit) !== 0) {
      for (let i = 0; i < this.more.length; i += 3) {
        if (this.more[i] === slot) value += `, ${head.slice(this.more[i + 1]! - base, this.more[i + 2]! - base)}`;
      }
    }
    return value;
  }

  /**
   * The lines from `from` to `to` that were not cut out.
   *
   * @param head text that begins at offset `base` of the bytes
   */
  kept(head: string, base: number, from: number, to: number): string {
    let lines = "";
    let keep = from - base;
    for (let i = 0; i < this.cutCount; i += 2) {
      const cutFrom = this.cuts[i]! - base;
      if (cutFrom > keep) lines += head.slice(keep, cutFrom);
      keep = this.cuts[i + 1]! - base;
    }
    return lines + head.slice(keep, to - base);
  }

  #emptyLine(bytes: Buffer, at: number, to: number): number {
    if (at + 1 >= to) return INCOMPLETE;
    return bytes[at + 1] === LF ? at + 2 : this.#refuse("bare-cr");
  }

  #note(slot: number, from: number, to: number): void {
    const bit = 1 << slot;
    if ((this.present & bit) === 0) {
      this.present |= bit;
      this.valueFrom[slot] = from;
      this.valueTo[slot] = to;
      return;
    }
    if (this.repeated === 0) this.more.length = 0;
    this.repeated |= bit;
    this.more.push(slot, from, to);
  }

  #cut(from: number, to: number): void {
    const { cuts, cutCount } = this;
    if (cutCount > 0 && cuts[cutCount - 1] === from) {
      cuts[cutCount - 1] = to;
      return;
    }
    cuts[cutCount] = from;
    cuts[cutCount + 1] = to;
    this.cutCount = cutCount + 2;
  }

  #refuse(problem: RefusalCode): number {
    this.problem = problem;
    return REFUSED;
  }
}

/** Where a value ends whose line ends at `to`. */
function trimmed(bytes: Buffer, from: number, to: number): number {
  let end = to;
  while (end > from && (bytes[end - 1] === SPACE || bytes[end - 1] === HTAB)) end--;
  return end;
}

function badName(byte: number, atStart: boolean): RefusalCode {
  if (byte === SPACE || byte === HTAB) return atStart ? "obs-fold" : "space-before-colon";
  if (byte === LF) return "bare-lf";
  return byte === CR ? "no-colon" : "field-name";
}

function badValue(byte: number): RefusalCode {
  if (byte === LF) return "bare-lf";
  return byte === 0 ? "nul" : "control-character";
}

import { COLON, CR, HTAB, isDigit } from "./byte-tables.ts";
import { options } from "./connection-options.ts";
import type { FieldScan } from "./field-scan.ts";
import { CONTENT_LENGTH, TRANSFER_ENCODING } from "./known-names.ts";
import type { RefusalCode } from "./refusal.ts";

const LENGTH = 1 << CONTENT_LENGTH;
const CODING = 1 << TRANSFER_ENCODING;
const ZERO = 0x30;

/**
 * What the fields of a head say about its body: Content-Length and Transfer-Encoding, of which there is one at most.
 * One object serves all heads of a process.
 */
export class BodyFields {
  contentLength = -1;
  chunked = false;

  /** @param head text that begins at offset `base` of the bytes */
  read(bytes: Buffer, fields: FieldScan, head: string, base: number, minor: 0 | 1): RefusalCode | undefined {
    this.contentLength = -1;
    this.chunked = false;
    const present = fields.present & (LENGTH | CODING);
    if (present === 0) return undefined;
    if ((fields.repeated & LENGTH) !== 0) return "two-lengths";
    if (present === (LENGTH | CODING)) return "length-with-transfer-encoding";
    if (present === CODING) {
      if (minor === 0) return "transfer-encoding-in-http-1-0";
      if (hasTab(bytes, fields)) return "tab-by-transfer-coding";
      return this.#readCoding(fields.value(head, base, TRANSFER_ENCODING));
    }
    return this.#readLength(bytes, fields.valueFrom[CONTENT_LENGTH]!, fields.valueTo[CONTENT_LENGTH]!);
  }

  #readCoding(value: string): RefusalCode | undefined {
    this.chunked = value === "chunked";
    if (this.chunked) return undefined;
    const codings = options(value);
    this.chunked = codings.length === 1 && value.toLowerCase() === "chunked";
    if (this.chunked) return undefined;
    const last = codings.indexOf("chunked") === codings.length - 1 && codings.length > 0;
    return last && !value.endsWith(",") ? "transfer-coding" : "chunked-not-last";
  }

  /** Digits alone. A leading zero is refused as well: some readers take it for octal. */
  #readLength(bytes: Buffer, from: number, to: number): RefusalCode | undefined {
    let length = 0;
    for (let at = from; at < to; at++) {
      if (!isDigit(bytes[at])) return "content-length";
      length = length * 10 + (bytes[at]! - ZERO); // near 2^53 the order counts
      if (length > Number.MAX_SAFE_INTEGER) return "length-too-large";
    }
    if (to === from || (bytes[from] === ZERO && to - from > 1)) return "content-length";
    this.contentLength = length;
    return undefined;
  }
}

/** Whether a tab is part of the white space around the coding. A message with several codings is refused anyway. */
function hasTab(bytes: Buffer, fields: FieldScan): boolean {
  for (let at = fields.valueFrom[TRANSFER_ENCODING]! - 1; bytes[at] !== COLON; at--)
    if (bytes[at] === HTAB) return true;
  for (let at = fields.valueTo[TRANSFER_ENCODING]!; bytes[at] !== CR; at++) if (bytes[at] === HTAB) return true;
  return false;
}

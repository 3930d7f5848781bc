import { FieldScan, INCOMPLETE } from "../head/field-scan.ts";
import { Fields } from "../head/fields.ts";
import { LATE_FIELDS } from "../head/late-fields.ts";
import { CONTENT_LENGTH, HOST, REQUEST_NAMES, TRANSFER_ENCODING } from "../head/known-names.ts";
import type { Refusal } from "../head/refusal.ts";
import { refusal } from "../head/refusals.ts";

const MAX_TRAILER_FIELDS = 100;
const FRAMING = (1 << CONTENT_LENGTH) | (1 << TRANSFER_ENCODING) | (1 << HOST);

const fields = new FieldScan();

/** A trailer section that has come to its end, or not yet. */
export type TrailerSection =
  | { readonly kind: "trailers"; readonly fields: Fields; readonly end: number }
  | { readonly kind: "incomplete" }
  | Refusal;

/**
 * Reads the trailer section of a chunked body: field lines and the empty line, which begin at `from`. As strict as the
 * fields of a head; names with an underscore are dropped.
 *
 * Fields that frame or route the message are refused, as llhttp does; other fields that come too late are dropped.
 */
export function readTrailers(bytes: Buffer, from: number, to: number, maxBytes: number): TrailerSection {
  const full = to - from > maxBytes;
  const bound = full ? from + maxBytes : to;
  const end = fields.scan(bytes, from, bound, REQUEST_NAMES, MAX_TRAILER_FIELDS, "drop");
  if (end === INCOMPLETE) return full ? refusal("trailers-too-long") : { kind: "incomplete" };
  if (end < 0) return refusal(fields.problem === "too-many-fields" ? "trailers-too-long" : fields.problem);
  if ((fields.present & FRAMING) !== 0) return refusal("forbidden-trailer");

  const section = bytes.toString("latin1", from, end);
  const kept = Fields.ofLines(fields.kept(section, from, from, end - 2));
  for (const name of LATE_FIELDS) kept.remove(name);
  return { kind: "trailers", fields: kept, end };
}

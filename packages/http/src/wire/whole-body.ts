import { Buffer } from "node:buffer";
import { latin1 } from "../head/latin1.ts";
import type { BodySource } from "./body.ts";

/**
 * A body that is all here: bytes, or text with a character for each. A short one that goes on by HTTP/1.1 leaves as text
 * with its head, so that is what one becomes which came by it: bytes would be memory of their own for each.
 */
export type WholeBody = Buffer | string;

/** Up to that size a message with its body is one string. Node copies a string below 16 KiB to the stack. */
export const WHOLE_BYTES: number = 8 * 1024;

export function isWhole(body: WholeBody | BodySource): body is WholeBody {
  return typeof body === "string" || Buffer.isBuffer(body);
}

/** In memory of their own, where it is text. */
export function bytesOf(whole: WholeBody): Buffer {
  return typeof whole === "string" ? Buffer.from(whole, "latin1") : whole;
}

/** The bytes in [from, to) as a body: a view of them where they are many, else text, and they may be written over. */
export function wholeOf(bytes: Buffer, from: number, to: number): WholeBody {
  return to - from <= WHOLE_BYTES ? latin1(bytes, from, to) : bytes.subarray(from, to);
}

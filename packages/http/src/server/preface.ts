import { PREFACE } from "../http2/frame.ts";

/**
 * Whether the first bytes of a connection are those of HTTP/2 (RFC 9113 3.4): four of them tell it from any method.
 *
 * @returns "part" while they may be, or are but not all here
 */
export function prefaceIn(bytes: Buffer): "none" | "part" | "whole" {
  if (bytes[0] !== PREFACE[0]) return "none";
  const count = Math.min(bytes.length, PREFACE.length);
  if (bytes.compare(PREFACE, 0, count, 0, count) !== 0) return "none";
  return count === PREFACE.length ? "whole" : "part";
}

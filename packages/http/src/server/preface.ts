import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { PREFACE } from "../http2/frame.ts";

/**
 * Whether the first bytes of a connection are those of HTTP/2 (RFC 9113 3.4): four of them tell it from any method.
 * Under TLS it is ALPN that says so, and nothing else may (3.3).
 *
 * @returns "part" while they may be, or are but not all here
 */
export function prefaceIn(socket: Socket, bytes: Buffer): "none" | "part" | "whole" {
  if (bytes[0] !== PREFACE[0] || socket instanceof TLSSocket) return "none";
  const count = Math.min(bytes.length, PREFACE.length);
  if (bytes.compare(PREFACE, 0, count, 0, count) !== 0) return "none";
  return count === PREFACE.length ? "whole" : "part";
}

import type { Buffer } from "node:buffer";
import { WHOLE_BYTES } from "../wire/whole-body.ts";
import { parseRequestHead } from "../head/head-parser.ts";
import type { HeadLimits } from "../head/head-limits.ts";
import type { RequestHead } from "../head/request-head.ts";

/**
 * The head of a request that all bytes belong to, whether more of its body is to come or not; undefined: it is not
 * complete, or wrong, or something lies behind it that may be another request.
 */
export function loneRequest(bytes: Buffer, to: number, limits: HeadLimits): RequestHead | undefined {
  const head = parseRequestHead(bytes, 0, to, limits);
  if (head === undefined || head.kind === "refusal") return undefined;
  return head.end + Math.max(0, head.contentLength) >= to ? head : undefined;
}

/** Whether the exchange with such a request holds on to none of its bytes once it has begun. */
export function keepsNothing({ end, contentLength }: RequestHead, to: number): boolean {
  return end === to || (end + contentLength === to && contentLength <= WHOLE_BYTES);
}

import type { Buffer } from "node:buffer";
import { parseRequestHead } from "../head/head-parser.ts";
import type { HeadLimits } from "../head/head-limits.ts";
import type { RequestHead } from "../head/request-head.ts";

/** The head of a request that is all there is, with its body or without one; undefined: it is not so, or not known. */
export function loneMessage(bytes: Buffer, to: number, limits: HeadLimits): RequestHead | undefined {
  const head = parseRequestHead(bytes, 0, to, limits);
  if (head === undefined || head.kind === "refusal" || head.chunked) return undefined;
  return head.end + Math.max(0, head.contentLength) === to ? head : undefined;
}

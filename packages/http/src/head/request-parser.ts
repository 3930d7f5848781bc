import { isAuthority } from "./authority.ts";
import { BodyFields } from "./body-fields.ts";
import { CR, LF } from "./byte-tables.ts";
import * as option from "./connection-options.ts";
import { FieldScan } from "./field-scan.ts";
import type { HeadLimits } from "./head-limits.ts";
import { isGrpcType, mayBeGrpcType } from "./grpc-fields.ts";
import {
  CONNECTION,
  CONTENT_TYPE,
  DEADLINE,
  EXPECT,
  GRPC_TIMEOUT,
  HOST,
  REQUEST_NAMES,
  TE,
  TRACEPARENT,
  UPGRADE,
} from "./known-names.ts";
import { latin1 } from "./latin1.ts";
import type { Refusal, RefusalCode } from "./refusal.ts";
import { refusal } from "./refusals.ts";
import { scanStop } from "./scan-stop.ts";
import { emptyRequestParts, RequestHead } from "./request-head.ts";
import { readTarget } from "./request-target.ts";
import { StartLineScan } from "./start-line.ts";

// Reused by every call: parsing is one synchronous step, and what a head needs is copied into it.
const line = new StartLineScan();
const fields = new FieldScan();
const body = new BodyFields();
const parts = emptyRequestParts("1.1");

/**
 * Reads the head of a request, which begins at `from`. One empty line in front of it is skipped (RFC 9112 2.2).
 *
 * A head that is not complete but already wrong or too long is refused at once. The same bytes give the same answer,
 * however they were split into reads: parse again from the same offset when more have come.
 *
 * @param to where the bytes end that have come; what lies behind the head is not looked at
 * @returns undefined when the head is not complete
 */
export function parseRequestHead(
  bytes: Buffer,
  from: number,
  to: number,
  limits: HeadLimits,
): RequestHead | Refusal | undefined {
  let start = from;
  if (start < to && bytes[start] === CR) {
    if (start + 1 >= to) return undefined;
    if (bytes[start + 1] !== LF) return refusal("bare-cr");
    start += 2;
  }
  const full = to - start >= limits.maxHeadBytes;
  const bound = full ? start + limits.maxHeadBytes : to;

  const fieldsFrom = line.scanRequest(bytes, start, bound);
  if (fieldsFrom < 0) return scanStop(fieldsFrom, line.problem, full);
  const end = fields.scan(bytes, fieldsFrom, bound, REQUEST_NAMES, limits.maxFields, limits.underscores);
  if (end < 0) return scanStop(end, fields.problem, full);

  const text = latin1(bytes, start, end);
  const problem = readParts(bytes, text, start);
  if (problem !== undefined) return refusal(problem);
  parts.lines = fields.kept(text, start, fieldsFrom, end - 2);
  parts.end = end;
  return readConnection(text, start);
}

/** Everything but `lines`, `end` and what depends on Connection. @param text of the head, which begins at `base` */
function readParts(bytes: Buffer, text: string, base: number): RefusalCode | undefined {
  parts.method = text.slice(0, line.methodTo - base);
  parts.version = line.minor === 1 ? "1.1" : "1.0";
  parts.authority = "";
  parts.seen = fields.seen;
  const problem =
    readTarget(bytes, line.targetFrom, line.targetTo, text, base, parts) ??
    readHost(bytes, text, base) ??
    body.read(bytes, fields, text, base, line.minor);
  if (problem !== undefined) return problem;
  parts.contentLength = body.contentLength;
  parts.chunked = body.chunked;
  if (parts.form === "authority") {
    // RFC 9110 9.3.6: what follows CONNECT is the tunnel. "Content-Length: 0" has one reading, and is not passed on.
    if (body.chunked || body.contentLength > 0) return "forbidden-body";
    parts.contentLength = -1;
  }

  parts.expectContinue = false;
  if ((fields.present & (1 << EXPECT)) !== 0) {
    if (fields.value(text, base, EXPECT).toLowerCase() !== "100-continue") return "expect";
    parts.expectContinue = line.minor === 1;
  }
  parts.acceptsTrailers =
    (fields.present & (1 << TE)) !== 0 &&
    option.options(fields.value(text, base, TE)).some((coding) => coding === "trailers");
  parts.traceparent = single(TRACEPARENT, text, base);
  parts.deadline = single(DEADLINE, text, base);
  parts.grpcTimeout = single(GRPC_TIMEOUT, text, base);
  parts.grpc = isGrpc(bytes, text, base);
  return undefined;
}

function isGrpc(bytes: Buffer, text: string, base: number): boolean {
  if ((fields.present & (1 << CONTENT_TYPE)) === 0) return false;
  if (!mayBeGrpcType(bytes, fields.valueFrom[CONTENT_TYPE]!, fields.valueTo[CONTENT_TYPE]!)) return false;
  return isGrpcType(fields.value(text, base, CONTENT_TYPE));
}

/** The authority of the target wins, but a Host that is wrong or there twice makes any request wrong (RFC 9112 3.2). */
function readHost(bytes: Buffer, text: string, base: number): RefusalCode | undefined {
  const bit = 1 << HOST;
  if ((fields.present & bit) === 0) return line.minor === 1 ? "no-host" : undefined;
  if ((fields.repeated & bit) !== 0) return "two-hosts";
  const from = fields.valueFrom[HOST]!;
  const to = fields.valueTo[HOST]!;
  if (from !== to && !isAuthority(bytes, from, to)) return "host";
  if (parts.form === "origin" || parts.form === "asterisk") parts.authority = text.slice(from - base, to - base);
  return undefined;
}

/** Reads Connection, makes the head, and drops the fields that Connection names. */
function readConnection(text: string, base: number): RequestHead | Refusal {
  const value = fields.value(text, base, CONNECTION);
  const bits = value === "" ? 0 : option.connectionBits(value);
  if ((bits & option.MALFORMED) !== 0) return refusal("connection-option");
  if ((bits & option.PROTECTED) !== 0) return refusal("protected-option");
  parts.keepAlive = (bits & option.CLOSE) === 0 && (line.minor === 1 || (bits & option.PERSIST) !== 0);
  // RFC 9110 7.8: Upgrade in an HTTP/1.0 request is ignored.
  parts.upgrade = (bits & option.SWITCH) !== 0 && line.minor === 1 ? fields.value(text, base, UPGRADE) : "";
  if ((bits & option.NOMINATES) === 0) return new RequestHead(parts);

  const names = option.nominated(value);
  if (names.includes("traceparent")) parts.traceparent = "";
  if (names.includes("grpc-timeout")) parts.grpcTimeout = "";
  if (names.includes("x-request-deadline-ms")) parts.deadline = "";
  const head = new RequestHead(parts);
  for (const name of names) head.remove(name);
  return head;
}

function single(slot: number, text: string, base: number): string {
  return (fields.repeated & (1 << slot)) !== 0 ? "" : fields.value(text, base, slot);
}

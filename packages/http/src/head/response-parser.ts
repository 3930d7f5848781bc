import { BodyFields } from "./body-fields.ts";
import * as option from "./connection-options.ts";
import { FieldScan } from "./field-scan.ts";
import type { HeadLimits } from "./head-limits.ts";
import { grpcStatusOf } from "./grpc-fields.ts";
import { CONNECTION, GRPC_STATUS, KEEP_ALIVE, RESPONSE_NAMES, UPGRADE } from "./known-names.ts";
import { latin1 } from "./latin1.ts";
import type { Refusal, RefusalCode } from "./refusal.ts";
import { refusal } from "./refusals.ts";
import { scanStop } from "./scan-stop.ts";
import { emptyResponseParts, ResponseHead } from "./response-head.ts";
import { StartLineScan } from "./start-line.ts";

// Reused by every call: parsing is one synchronous step, and what a head needs is copied into it.
const line = new StartLineScan();
const fields = new FieldScan();
const body = new BodyFields();
const parts = emptyResponseParts("1.1");
/** There is a body where none may be. */
let announced = false;

/**
 * Reads the head of a response, which begins at `from`. Strict as `parseRequestHead`, and the same bytes give the same
 * answer however they were split; an underscore in a name is no reason to drop a response's field.
 *
 * A response with two readings is refused: the connection it came on is closed, and the caller gets a 502.
 *
 * @param to where the bytes end that have come; what lies behind the head is not looked at
 * @returns undefined when the head is not complete
 */
export function parseResponseHead(
  bytes: Buffer,
  from: number,
  to: number,
  limits: HeadLimits,
): ResponseHead | Refusal | undefined {
  const full = to - from >= limits.maxHeadBytes;
  const bound = full ? from + limits.maxHeadBytes : to;

  const fieldsFrom = line.scanResponse(bytes, from, bound);
  if (fieldsFrom < 0) return scanStop(fieldsFrom, line.problem, full);
  const end = fields.scan(bytes, fieldsFrom, bound, RESPONSE_NAMES, limits.maxFields, "keep");
  if (end < 0) return scanStop(end, fields.problem, full);

  const text = latin1(bytes, from, end);
  const problem = body.read(bytes, fields, text, from, line.minor) ?? forbiddenBody(limits.bodyOf204 === "ignore");
  if (problem !== undefined) return refusal(problem);
  parts.status = line.status;
  parts.reason = text.slice(line.reasonFrom - from, line.reasonTo - from);
  parts.version = line.minor === 1 ? "1.1" : "1.0";
  parts.chunked = body.chunked && !announced;
  parts.keepAliveHintMs =
    (fields.present & (1 << KEEP_ALIVE)) === 0 ? -1 : timeoutMs(fields.value(text, from, KEEP_ALIVE));
  parts.grpcStatus =
    (fields.present & (1 << GRPC_STATUS)) === 0 ? -1 : grpcStatusOf(fields.value(text, from, GRPC_STATUS));
  parts.seen = fields.seen;
  parts.lines = fields.kept(text, from, fieldsFrom, end - 2);
  parts.end = end;
  return readConnection(text, from);
}

/**
 * RFC 9112 6.1 and RFC 9110 8.6: no length and no coding in 1xx and 204. Endpoints do send "Content-Length: 0" with
 * 204; that has one reading, and is not passed on.
 */
function forbiddenBody(ignored: boolean): RefusalCode | undefined {
  parts.contentLength = body.contentLength;
  announced = false;
  if (line.status >= 200 && line.status !== 204) return undefined;
  parts.contentLength = -1;
  announced = body.chunked || body.contentLength > 0;
  return announced && !(ignored && line.status === 204) ? "forbidden-body" : undefined;
}

/** Reads Connection, makes the head, and drops the fields that Connection names. */
function readConnection(text: string, base: number): ResponseHead | Refusal {
  const value = fields.value(text, base, CONNECTION);
  const bits = value === "" ? 0 : option.connectionBits(value);
  if ((bits & option.MALFORMED) !== 0) return refusal("connection-option");
  if ((bits & option.PROTECTED) !== 0) return refusal("protected-option");
  parts.keepAlive = !announced && (bits & option.CLOSE) === 0 && (line.minor === 1 || (bits & option.PERSIST) !== 0);
  parts.upgrade = (bits & option.SWITCH) !== 0 && line.minor === 1 ? fields.value(text, base, UPGRADE) : "";
  const head = new ResponseHead(parts);
  if ((bits & option.NOMINATES) !== 0) for (const name of option.nominated(value)) head.remove(name);
  return head;
}

/** The timeout of a Keep-Alive field ("timeout=5, max=100"), in ms; -1 when it has none. */
function timeoutMs(value: string): number {
  const seconds = /(?:^|[,\s])timeout=(\d{1,9})(?:$|[,\s])/i.exec(value)?.[1];
  return seconds === undefined ? -1 : Number(seconds) * 1000;
}

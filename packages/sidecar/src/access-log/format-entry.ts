import type { AccessEntry } from "./access-entry.ts";
import { jsonText, quotedText } from "./safe-text.ts";

/** One line with its end, printable ASCII only. */
export type FormatEntry = (entry: AccessEntry) => string;

/** All fields of the entry in a fixed order, empty ones too, with `time` in ISO 8601; null for a number of which there is none. */
export function jsonLine(entry: AccessEntry): string {
  const { firstByteMs, grpcStatus } = entry;
  return (
    `{"time":"${isoTime(entry.startedEpochMs)}","listener":"${jsonText(entry.listener)}","protocol":"${entry.protocol}"` +
    `,"method":"${jsonText(entry.method)}","authority":"${jsonText(entry.authority)}","path":"${jsonText(entry.path)}"` +
    `,"status":${entry.status},"grpcStatus":${grpcStatus < 0 ? "null" : grpcStatus},"flags":"${entry.flags}","why":${jsonList(entry.why)}` +
    `,"service":"${jsonText(entry.service)}","endpoint":"${jsonText(entry.endpoint)}","attempts":${entry.attempts}` +
    `,"durationMs":${thousandths(entry.durationMs)},"firstByteMs":${firstByteMs < 0 ? "null" : thousandths(firstByteMs)}` +
    `,"bytesIn":${entry.bytesIn},"bytesOut":${entry.bytesOut},"peer":"${jsonText(entry.peer)}"` +
    `,"traceId":"${jsonText(entry.traceId)}","requestId":"${jsonText(entry.requestId)}"` +
    `,"userAgent":"${jsonText(entry.userAgent)}","end":"${entry.end}"}\n`
  );
}

/**
 * The columns of Envoy's default format, whole milliseconds included, so that what reads those reads these; behind them,
 * as `name=value`, what Envoy has no column for. `-` stands for what there is none of.
 *
 *   [time] "METHOD path protocol" status flags bytesIn bytesOut durationMs firstByteMs "peer" "user agent" "request id"
 *   "authority" "endpoint" listener=".." service=".." attempts=N end=complete grpc=N trace=".." why=".."
 *
 * Source: Envoy access_log usage, default format string.
 */
export function textLine(entry: AccessEntry): string {
  const { firstByteMs, grpcStatus, why } = entry;
  return (
    `[${isoTime(entry.startedEpochMs)}] "${quotedText(entry.method)} ${quotedText(entry.path)} ${entry.protocol}"` +
    ` ${entry.status} ${entry.flags || "-"} ${entry.bytesIn} ${entry.bytesOut} ${Math.round(entry.durationMs)}` +
    ` ${firstByteMs < 0 ? "-" : Math.round(firstByteMs)} "${quotedText(entry.peer)}" "${quotedText(entry.userAgent)}"` +
    ` "${quotedText(entry.requestId)}" "${quotedText(entry.authority)}" "${quotedText(entry.endpoint)}"` +
    ` listener="${quotedText(entry.listener)}" service="${quotedText(entry.service)}" attempts=${entry.attempts}` +
    ` end=${entry.end}${grpcStatus < 0 ? "" : ` grpc=${grpcStatus}`} trace="${quotedText(entry.traceId)}"` +
    `${why.length === 0 ? "" : ` why="${quotedText(why.join("; "))}"`}\n`
  );
}

function jsonList(texts: readonly string[]): string {
  return texts.length === 0 ? "[]" : `["${texts.map(jsonText).join('","')}"]`;
}

/** Three decimals: a microsecond is what the clock is good for. By whole numbers, which are quicker to write than others. */
function thousandths(ms: number): string {
  const all = Math.round(ms * 1_000);
  const whole = Math.floor(all / 1_000);
  const rest = all - whole * 1_000;
  return rest === 0 ? `${whole}` : `${whole}.${threeDigits(rest)}`;
}

function threeDigits(value: number): string {
  return value < 10 ? `00${value}` : value < 100 ? `0${value}` : `${value}`;
}

let second = Number.NaN;
let secondText = "";

/** ISO 8601 in UTC with milliseconds. Most lines share their second with the line before: only its text is kept. */
function isoTime(epochMs: number): string {
  const whole = Math.floor(epochMs);
  const millis = whole % 1_000;
  if (whole - millis !== second) {
    second = whole - millis;
    secondText = new Date(second).toISOString().slice(0, 20);
  }
  return `${secondText}${threeDigits(millis)}Z`;
}

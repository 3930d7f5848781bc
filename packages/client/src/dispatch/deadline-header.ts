import { DEADLINE_FIELD, deadlineText, ENVOYS_DEADLINE_FIELD, readDeadlineMs } from "@weft/runtime";
import type { Dispatcher } from "../undici.ts";
import { headerOf, withHeaders } from "./request-headers.ts";

type Headers = Dispatcher.DispatchOptions["headers"];

/**
 * The headers of an attempt, which say how long its answer is still waited for. For the lengths see `deadlineFields`.
 *
 * Nearly every call has neither field, and headers in one of three forms: for those the names are looked at once, and
 * the new one is written as the literal it is, which V8 does in a fifth of the time that a computed one takes.
 */
export function withDeadline(headers: Headers, leftMs: number, spentMs: number): Headers {
  if (headers === null || headers === undefined) return { "x-request-deadline-ms": deadlineText(leftMs) };
  if (typeof headers !== "object") return headers; // no form of headers: undici says so to the caller
  if (Array.isArray(headers)) {
    if (!headers.some(isLikeOurs)) return [...headers, DEADLINE_FIELD, deadlineText(leftMs)];
  } else if (!(Symbol.iterator in headers)) {
    if (!hasLikeOurs(headers)) return { ...headers, "x-request-deadline-ms": deadlineText(leftMs) };
  }
  const own = headerOf(headers, DEADLINE_FIELD);
  const envoys = headerOf(headers, ENVOYS_DEADLINE_FIELD);
  return withHeaders(headers, deadlineFields(own, envoys, leftMs, spentMs));
}

/**
 * What an attempt says of the time that is left, name and value by turns: the shortest of what the call has and what
 * the caller wrote. Envoy's field is brought down as well where it is there: whoever reads it would otherwise count on
 * time that has passed here.
 *
 * @param own our field as the caller wrote it; undefined: it did not
 * @param envoys the same of Envoy's
 * @param leftMs until the call's deadline, finite
 * @param spentMs of the call before this attempt: what the caller wrote was true when it began
 */
export function deadlineFields(
  own: string | undefined,
  envoys: string | undefined,
  leftMs: number,
  spentMs: number,
): readonly string[] {
  const ownMs = readDeadlineMs(own ?? "");
  // Of Envoy, 0 is no deadline: there it switches timeouts off.
  const envoysMs = readDeadlineMs(envoys ?? "") || Number.POSITIVE_INFINITY;
  // Ours at 0 says that nobody waits. That stands: the endpoint's sidecar refuses the request.
  const left = ownMs === 0 ? "0" : deadlineText(Math.min(leftMs, Math.min(ownMs, envoysMs) - spentMs));
  return envoys === undefined || ownMs === 0
    ? [DEADLINE_FIELD, left]
    : [DEADLINE_FIELD, left, ENVOYS_DEADLINE_FIELD, left];
}

/** Whether it may be the name of a field that says how long the caller waits: it has the length of one. */
function isLikeOurs(name: unknown): boolean {
  if (typeof name !== "string") return false;
  return name.length === DEADLINE_FIELD.length || name.length === ENVOYS_DEADLINE_FIELD.length;
}

function hasLikeOurs(headers: object): boolean {
  for (const name in headers) if (isLikeOurs(name)) return true;
  return false;
}

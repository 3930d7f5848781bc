import type { Call } from "@weft/core";
import type { StickySessions } from "@weft/runtime";
import type { Attempt } from "./attempt.ts";
import type { Controller, Headers } from "./exchange.ts";

type RawHeaders = NonNullable<Controller["rawHeaders"]>;

/**
 * Puts into an answer who keeps the caller's session from now on, when that is news: as a `Set-Cookie` of the endpoint's
 * would stand there, in both forms that undici hands headers out in.
 *
 * @returns the raw headers of the answer
 */
export function tellSession(attempt: Attempt, call: Call, sessions: StickySessions | undefined): RawHeaders | null {
  const raw = attempt.controller?.rawHeaders ?? null;
  const line = sessions?.answered(call, attempt.lease.endpoint, attempt.outcome) ?? "";
  if (line === "") return raw;
  attempt.headers = withCookie(attempt.headers, line);
  if (raw === null) return null;
  if (!Array.isArray(raw)) return withCookie(raw, line);
  // A list of undici's holds names and values of one kind.
  return (
    Buffer.isBuffer(raw[0]) ? [...raw, Buffer.from("set-cookie"), Buffer.from(line)] : [...raw, "set-cookie", line]
  ) as RawHeaders;
}

function withCookie<Some extends Headers>(headers: Some, line: string): Some {
  const known = headers["set-cookie"] ?? [];
  return { ...headers, "set-cookie": [...(typeof known === "string" ? [known] : known), line] };
}

import { durationText } from "../input/units.ts";
import type { Finding } from "../schema/find-problems.ts";
import type { Fields } from "./merge.ts";
import { listOf, msOf, numberOf, textOf, whereWritten } from "./read-fields.ts";

/** Methods that may do something, and twice when they are repeated. Source: RFC 9110 9.2.2. */
const NOT_IDEMPOTENT = ["POST", "PATCH", "CONNECT"];

/** Attempts for which there is no time, or that may do harm. What is only built in is not judged. */
export function attemptContradictions(fields: Fields): readonly Finding[] {
  return [
    ...noTimeForAll(fields),
    ...noTimeForHedge(fields),
    ...noHedge(fields),
    ...longRetryAfter(fields),
    ...unsafe(fields),
  ];
}

function noTimeForAll(fields: Fields): readonly Finding[] {
  const [attemptMs, totalMs] = [msOf(fields, "timeout.attempt"), msOf(fields, "timeout.total")];
  const attempts = numberOf(fields, "retry.maxRetries") + 1;
  // An attempt longer than the call is a mistake of its own.
  if (attempts === 1 || attemptMs === 0 || totalMs === 0 || attemptMs > totalMs) return [];
  if (attemptMs * attempts <= totalMs || !listOf(fields, "retry.on").includes("timeout")) return [];
  const fit = Math.floor(totalMs / attemptMs);
  const shorter = durationText(Math.max(1, Math.floor(totalMs / attempts)));
  return warning(
    fields,
    ["timeout.attempt", "retry.maxRetries", "timeout.total"],
    `${attempts} attempts of ${textOf(fields, "timeout.attempt")} take ${durationText(Math.ceil(attemptMs * attempts))}, and timeout.total is ${textOf(fields, "timeout.total")}, so there is time for ${fit}: set timeout.attempt to ${shorter}, or retry.maxRetries to ${fit - 1}`,
  );
}

function noTimeForHedge(fields: Fields): readonly Finding[] {
  const afterMs = retries(fields) ? msOf(fields, "hedge.after") : 0; // a percentile is known to nobody yet
  for (const limit of ["timeout.attempt", "timeout.total"]) {
    const limitMs = msOf(fields, limit);
    if (limitMs === 0 || afterMs < limitMs) continue;
    return warning(
      fields,
      ["hedge.after", limit],
      `hedge.after is ${textOf(fields, "hedge.after")}, and ${limit} ${textOf(fields, limit)}: the first attempt is over before a second one starts, so lower hedge.after`,
    );
  }
  return [];
}

function noHedge(fields: Fields): readonly Finding[] {
  if (!retries(fields) || fields.get("hedge.maxExtraRatio")?.value !== 0) return [];
  return warning(fields, ["hedge.maxExtraRatio"], "0 forbids every hedge: say hedge: off");
}

function longRetryAfter(fields: Fields): readonly Finding[] {
  const [mostMs, totalMs] = [msOf(fields, "retry.retryAfter.max"), msOf(fields, "timeout.total")];
  if (totalMs === 0 || mostMs <= totalMs) return [];
  const [most, total] = [textOf(fields, "retry.retryAfter.max"), textOf(fields, "timeout.total")];
  return warning(
    fields,
    ["retry.retryAfter.max"],
    `${most} is over timeout.total, ${total}: no call can wait that long, so lower it`,
  );
}

/** A rule may say of some calls that they bear it: whoever says it of all of them has hardly looked at each. */
function unsafe(fields: Fields): readonly Finding[] {
  const methods = listOf(fields, "retry.methods").map((method) => String(method).toUpperCase());
  const listed = NOT_IDEMPOTENT.filter((method) => methods.includes(method));
  if (listed.length === 0 || whereWritten(fields, ["retry.methods"])?.includes("rules") === true) return [];
  return warning(
    fields,
    ["retry.methods"],
    `${listed.join(", ")}: repeated although it may have been done already, whatever the call; name it in a rule for the paths that bear it, or send an idempotency-key`,
  );
}

function retries(fields: Fields): boolean {
  return numberOf(fields, "retry.maxRetries") > 0;
}

/** @param paths where it may have been written, the first before the others */
function warning(fields: Fields, paths: readonly string[], message: string): readonly Finding[] {
  const path = whereWritten(fields, paths);
  return path === undefined ? [] : [{ severity: "warning", path, message }];
}

import { durationMs } from "@weft/config";
import { Problem } from "./reply.ts";

/** A request as routes see it. */
export interface AdminRequest {
  readonly method: string;
  /** Without the query; percent-encoding as sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Value of `Accept`, lower case; empty when absent. */
  readonly accept: string;
}

/**
 * Splits a request target in origin-form or absolute-form.
 *
 * @throws Problem 400 for any other
 */
export function splitTarget(target: string): { readonly path: string; readonly query: URLSearchParams } {
  const local = target.replace(/^https?:\/\/[^/?#]*/i, "");
  if (!local.startsWith("/") && !(local.startsWith("?") && local !== target))
    throw new Problem(400, "the request target must start with /");
  const at = local.indexOf("?");
  const path = (at < 0 ? local : local.slice(0, at)) || "/";
  return { path, query: new URLSearchParams(at < 0 ? "" : local.slice(at + 1)) };
}

/**
 * A segment of a path without its percent-encoding.
 *
 * @throws Problem 400 when that is broken
 */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Problem(400, `the percent-encoding in "${segment.slice(0, 100)}" is broken`);
  }
}

/** @throws Problem 400 when the parameter is missing, empty or there twice */
export function needed(query: URLSearchParams, name: string): string {
  const value = optional(query, name);
  if (value === undefined || value === "") throw new Problem(400, `the parameter "${name}" is missing`);
  return value;
}

/** @throws Problem 400 when the parameter is there twice: which one was meant is not for us to say */
export function optional(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length > 1) throw new Problem(400, `the parameter "${name}" is given ${values.length} times`);
  return values[0];
}

/**
 * A whole number in [least, most]; undefined when absent.
 *
 * @throws Problem 400 for anything else
 */
export function wholeNumber(query: URLSearchParams, name: string, least: number, most: number): number | undefined {
  const written = optional(query, name);
  if (written === undefined) return undefined;
  const value = /^\d{1,15}$/.test(written) ? Number(written) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new Problem(400, `the parameter "${name}" must be a whole number in ${least}..${most}`);
  return value;
}

/**
 * A parameter that is either there or not: `failed`, `failed=` or `failed=true`; `failed=false` is as if it were absent.
 *
 * @throws Problem 400 for another value
 */
export function isSet(query: URLSearchParams, name: string): boolean {
  const value = optional(query, name);
  if (value === undefined || value === "false") return false;
  if (value === "" || value === "true") return true;
  throw new Problem(400, `the parameter "${name}" takes no value but true and false`);
}

/**
 * A length of time as in a policy file.
 *
 * @throws Problem 400 when it is missing, 0, or not of that form
 */
export function duration(query: URLSearchParams, name: string): number {
  const written = needed(query, name);
  const value = durationMs(written);
  if (!(value > 0 && value <= MOST_MS))
    throw new Problem(400, `the parameter "${name}" must be a time such as 10s or 5m, up to 24h`);
  return value;
}

const MOST_MS = 24 * 3_600_000;

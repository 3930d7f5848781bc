import { authority, type Endpoint } from "../endpoint.ts";
import { MeshError } from "../errors.ts";

/** The limit of one endpoint that keeps calls out. */
export type FullBy = "limits.callsPerEndpoint" | "limits.adaptivePerEndpoint";

/** What a cluster knows when it has no endpoint to give. */
export interface Refused {
  readonly service: string;
  /** Number of the attempt that got none. */
  readonly attempt: number;
  readonly members: number;
  /** What the registry lists besides, and nobody can dial: who, and why. */
  readonly leftOut: readonly string[];
  /** Passing and fit: more than 0 means that each is at its limit. */
  readonly available: number;
  readonly ejected: number;
  /** Which limit, when each is at its own. */
  readonly fullBy: FullBy;
  readonly callsPerEndpoint: number;
  /** Attempts that those available take at once, all together. */
  readonly most: number;
  /** Until the first ejection runs out, in ms. */
  readonly returnMs: number;
}

/** The error for a call that gets no endpoint: what is known, and what to do. Nothing was sent. */
export function refusal(known: Refused): MeshError {
  const { service, attempt, members, leftOut, available, ejected, returnMs } = known;
  const details = { service, neverSent: true };
  if (available > 0) return new MeshError("OVERLOADED", whyFull(known), details);
  if (ejected > 0) {
    const first = Number.isFinite(returnMs)
      ? `the first returns in ${Math.ceil(returnMs)} ms`
      : "until restored by hand";
    return new MeshError("ALL_EJECTED", `all ${ejected} endpoints are ejected; ${first}`, details);
  }
  const why = members === 0 ? noneKnown(leftOut) : `all ${members} endpoints are draining; start others`;
  return new MeshError("NO_ENDPOINTS", attempt > 1 ? `${why} (attempt ${attempt})` : why, details);
}

function whyFull({ fullBy, available, callsPerEndpoint, most }: Refused): string {
  if (fullBy === "limits.callsPerEndpoint")
    return `${fullBy}: ${callsPerEndpoint} calls run on each of ${available} endpoints; raise the limit or add endpoints`;
  const full = `${most} calls run on ${available} endpoints, as many as each answers without waiting`;
  return `${fullBy}: ${full}; add endpoints or send fewer at once`;
}

function noneKnown([first, ...others]: readonly string[]): string {
  if (first === undefined) {
    return "the registry knows no endpoint; start one, or check the name and tag it registers with";
  }
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  return `the registry knows no endpoint that can be dialled: ${first}${more}; correct what it registers`;
}

/**
 * The error for a call whose session may not move while its endpoint takes no calls. Nothing was sent.
 *
 * @param code OVERLOADED: that one is at its limit, however much room the others have
 * @param why in words, as `whyOut` has them
 */
export function sessionRefusal(
  code: "NO_ENDPOINTS" | "OVERLOADED",
  service: string,
  { host, port }: Endpoint,
  why: string,
): MeshError {
  const problem = `keeps the call's session and ${why}; the session may not move (sticky.onUnavailable: fail)`;
  return new MeshError(code, problem, { service, endpoint: authority(host, port), neverSent: true });
}

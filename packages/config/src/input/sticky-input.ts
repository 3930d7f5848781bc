import type { Duration } from "./units.ts";

/** All calls of a caller's session go to one endpoint, by a cookie that says which. */
export interface StickyInput {
  readonly cookie?: {
    /** Needed. One that nobody else uses. */
    readonly name?: string;
    /** How long the caller keeps it, from when it was set; `0s`: until it closes. Default `0s`. */
    readonly ttl?: Duration;
    /** The path that it is for. Default `/`. */
    readonly path?: string;
    /** Whether it goes over TLS only. Default false. */
    readonly secure?: boolean;
    /** Whether scripts of a page must not read it. Default true. */
    readonly httpOnly?: boolean;
    /** From which sites it comes along. Default `lax`. */
    readonly sameSite?: SameSite;
  };
  /**
   * What becomes of a session's call while its endpoint takes none: another endpoint keeps the session from then on, or
   * the call fails. When the endpoint has left, it moves in any case. Default `move`.
   */
  readonly onUnavailable?: (typeof ON_UNAVAILABLE)[number];
}

export const SAME_SITES = ["lax", "strict", "none"] as const;
/** Which requests bring a cookie along. Source: RFC 6265bis 5.6.7. */
export type SameSite = (typeof SAME_SITES)[number];

export const ON_UNAVAILABLE = ["move", "fail"] as const;

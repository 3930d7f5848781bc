import type { SameSite, StickyInput } from "../input/sticky-input.ts";
import type { Fields } from "./merge.ts";
import { msOf, read } from "./read-fields.ts";

/** Where a caller's session is kept is told by a cookie. */
export interface StickyPolicy {
  readonly cookie: StickyCookie;
  /** Whether a session goes elsewhere while its endpoint takes no calls; else these fail. */
  readonly moves: boolean;
}

export interface StickyCookie {
  readonly name: string;
  /** 0: until the caller closes. */
  readonly ttlMs: number;
  readonly path: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: SameSite;
}

/** Undefined: off. The fields went through the schema. */
export function stickyPolicy(fields: Fields): StickyPolicy | undefined {
  const name = read<string | undefined>(fields, "sticky.cookie.name");
  if (name === undefined) return undefined; // off, or a mistake that is told
  return {
    cookie: {
      name,
      ttlMs: msOf(fields, "sticky.cookie.ttl"),
      path: read<string>(fields, "sticky.cookie.path"),
      secure: read<boolean>(fields, "sticky.cookie.secure"),
      httpOnly: read<boolean>(fields, "sticky.cookie.httpOnly"),
      sameSite: read<SameSite>(fields, "sticky.cookie.sameSite"),
    },
    moves: read<StickyInput["onUnavailable"]>(fields, "sticky.onUnavailable") !== "fail",
  };
}

import * as v from "valibot";
import { ON_UNAVAILABLE, SAME_SITES, type StickyInput } from "../input/sticky-input.ts";
import { record } from "./containers.ts";
import * as leaf from "./leaves.ts";

const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, v.description(meaning)));

const cookie: leaf.Leaf<NonNullable<StickyInput["cookie"]>> = record({
  name: may(leaf.token("the name of a cookie"), "Needed. The cookie that says where a session is kept."),
  ttl: may(
    leaf.duration("zero allowed"),
    "How long the caller keeps it, from when it was set; `0s`: until the caller closes.",
  ),
  path: may(leaf.cookiePath(), "The path that it is for."),
  secure: may(leaf.yesOrNo(), "Whether it goes over TLS only."),
  httpOnly: may(leaf.yesOrNo(), "Whether scripts of a page must not read it."),
  sameSite: may(leaf.oneOf(SAME_SITES), "From which sites it comes along; `none`, which needs `secure`: from any."),
});

/** The form of `sticky`. */
export const stickySchema: leaf.Leaf<StickyInput> = record({
  cookie: may(cookie, "The cookie that callers are given, and send back."),
  onUnavailable: may(
    leaf.oneOf(ON_UNAVAILABLE),
    "What becomes of a session's call while its endpoint takes none: `move`: another endpoint keeps the session from then on; `fail`: the call fails. When the endpoint has left the registry, the session moves in any case.",
  ),
});

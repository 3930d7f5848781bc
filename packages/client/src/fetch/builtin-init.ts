import type { Dispatcher } from "../undici.ts";
import { isPlain } from "./plain-headers.ts";

/** What fetch reads of `init`. */
const MEMBERS = (
  "method headers body signal redirect cache credentials mode keepalive duplex " +
  "integrity referrer referrerPolicy priority window"
).split(" ");

/**
 * `init` for the built-in fetch, with our dispatcher in it. A dispatcher that the caller names wins.
 *
 * @param init as given to fetch: anything; what is not an object is returned as it is, for fetch to refuse
 */
export function builtinInit(input: unknown, init: unknown, dispatcher: Dispatcher): RequestInit {
  if (init === undefined || init === null) return { ...kept(input), dispatcher };
  // Fetch itself says what is wrong with it.
  if (typeof init !== "object" && typeof init !== "function") return init as RequestInit;
  if (isPlain(init)) return { ...init, dispatcher: named(init) ?? dispatcher };
  // An instance of some class, perhaps a Request: its members are not its own, and it may not be copied.
  const copy: Record<string, unknown> = {};
  for (const name of MEMBERS) {
    const value: unknown = Reflect.get(init, name);
    if (value !== undefined) copy[name] = value;
  }
  return { ...copy, dispatcher: named(init) ?? dispatcher };
}

function named(init: object): Dispatcher | null | undefined {
  // Fetch takes whatever stands there for a dispatcher, and undefined and null for none.
  return Reflect.get(init, "dispatcher") as Dispatcher | null | undefined;
}

/** Any `init` at all makes fetch forget the referrer of a `Request`, which it would keep without one. */
function kept(input: unknown): RequestInit {
  return input instanceof Request ? { referrer: input.referrer, referrerPolicy: input.referrerPolicy } : {};
}

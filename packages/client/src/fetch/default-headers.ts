import { Dispatcher } from "../undici.ts";

type Pair = readonly [name: string, value: string];

/** What fetch adds to a request by itself, in its order, around the place where it puts `content-length`. */
export interface DefaultHeaders {
  readonly beforeLength: readonly Pair[];
  readonly afterLength: readonly Pair[];
}

/** Origins remembered. Past that the oldest is asked for again: some 0.2 ms. */
const MAX_ORIGINS = 1_000;

/**
 * Finds out which headers the built-in fetch of this Node adds, by letting it send a request into a dispatcher that
 * only looks. They depend on the version of Node, on the scheme, and on whether the host counts as trustworthy
 * (loopback does), so each origin is asked for once. An origin that fetch refuses, such as one with the port of another
 * protocol, shows nothing.
 *
 * @param builtinFetch the fetch to imitate
 * @returns a lookup by origin; undefined when the built-in fetch did not show its headers at once, which then means
 *   that nothing is known and nothing may be imitated
 */
export function defaultHeaders(builtinFetch: typeof fetch): (origin: string) => DefaultHeaders | undefined {
  const known = new Map<string, DefaultHeaders | undefined>();
  return (origin) => {
    const found = known.get(origin);
    if (found !== undefined || known.has(origin)) return found;
    if (known.size >= MAX_ORIGINS) for (const oldest of known.keys()) if (known.delete(oldest)) break;
    const asked = ask(builtinFetch, origin);
    known.set(origin, asked);
    return asked;
  };
}

function ask(builtinFetch: typeof fetch, origin: string): DefaultHeaders | undefined {
  const looker = new Looker();
  // A method with a body, so that the place of content-length shows.
  const ended = new AbortController();
  builtinFetch(origin, { method: "POST", body: "x", dispatcher: looker, signal: ended.signal }).catch(() => {});
  // A call that is aborted, unlike one that fails, leaves no entry in the performance timeline.
  ended.abort();
  const length = looker.seen.findIndex(([name]) => name === "content-length");
  if (length < 0) return undefined;
  const before = looker.seen.slice(0, length).filter(([name]) => name !== "content-type");
  return { beforeLength: before, afterLength: looker.seen.slice(length + 1) };
}

class Looker extends Dispatcher {
  seen: readonly Pair[] = [];

  override dispatch(options: Dispatcher.DispatchOptions): boolean {
    const { headers } = options;
    // The built-in fetch passes a record of strings in every version we support; anything else stays unknown.
    if (headers !== null && typeof headers === "object" && !(Symbol.iterator in headers)) {
      this.seen = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
    }
    return true;
  }
}

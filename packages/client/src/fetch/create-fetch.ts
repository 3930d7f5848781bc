import type { Dispatcher } from "../undici.ts";
import { builtinInit } from "./builtin-init.ts";
import { defaultHeaders } from "./default-headers.ts";
import { fastRequest } from "./fast-request.ts";
import { FetchExchange } from "./fetch-exchange.ts";

export interface FetchOptions {
  /** Carries every request, also those of the built-in fetch. Must take handlers of the shapes that undici 6 to 8 know. */
  readonly dispatcher: Dispatcher;
  /** The fetch to be like, and the one that serves what is rare. */
  readonly builtinFetch: typeof fetch;
  /** Whether the fast path may serve this URL; where false, the built-in fetch does, over `dispatcher` all the same. */
  readonly owns: (url: URL) => boolean;
}

/**
 * Makes a drop-in for `fetch` over a dispatcher, at about a third of the CPU of the built-in one.
 *
 * A plain request (a URL, a common method, plain headers, a body that is text or bytes, perhaps a signal) goes straight
 * to the dispatcher. Everything else goes to the built-in fetch, with the dispatcher in `init`; so does a response
 * that turns out to be rare, such as a redirect. `docs/fetch.md` lists what a caller could still notice.
 *
 * @returns a function that never throws and rejects as fetch does: `TypeError` for a wrong argument, `TypeError: fetch
 *   failed` with the dispatcher's error as cause, or the signal's reason
 */
export function createFetch(options: FetchOptions): typeof fetch {
  const { dispatcher, builtinFetch, owns } = options;
  const ports = { owns, defaults: defaultHeaders(builtinFetch) };
  return function fetch(input, init = undefined) {
    // Without any argument fetch complains about just that.
    if (arguments.length === 0) return Reflect.apply(builtinFetch, undefined, []);
    try {
      const request = fastRequest(input, init, ports);
      if (request === undefined) return builtinFetch(input, builtinInit(input, init, dispatcher));
      return new Promise((resolve, reject) => new FetchExchange(request, options, resolve, reject).start());
    } catch (error) {
      // A getter of the caller's: fetch, too, rejects with what that throws.
      return Promise.reject(error);
    }
  };
}

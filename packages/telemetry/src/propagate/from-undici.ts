import { addMissing, namesOfLines } from "./add-missing.ts";
import { type Carried, carriedNow } from "./carried.ts";
import { type Destinations, targetHost } from "./destinations.ts";
import { listen } from "./listen.ts";

/** A request of undici's, the built-in one or another, of version 5 to 8. */
interface UndiciRequest {
  readonly method: string;
  readonly origin: string | URL;
  readonly path: string;
  /** Name and value by turns; lines of text in version 5. */
  readonly headers: string | readonly unknown[];
  addHeader(name: string, value: string): unknown;
}

/** Carries what is carried here to the requests of `fetch` and of undici. */
export function watchUndici(carriesTo: Destinations): void {
  const carriedTo = byHandler();
  listen<{ readonly request: UndiciRequest }>("undici:request:create", ({ request }) => {
    const carried = carriedTo(request);
    if (carried === undefined || request.method === "CONNECT") return;
    if (!carriesTo(targetHost(request.path, new URL(request.origin).hostname))) return;
    addMissing(carried, namesOf(request.headers), (name, value) => request.addHeader(name, value));
  });
}

/**
 * What is carried to a request. Its handler tells more than where it is made: requests that waited for a connection are
 * made in the context of whoever had it before, and interceptors repeat them, or follow a redirection, in that of
 * whoever opened it. Handlers of `request`, `stream` and `pipeline` remember their caller's; for a request that is made
 * again with the handler that it had, the first context is the right one.
 */
function byHandler(): (request: UndiciRequest) => Carried | undefined {
  const first = new WeakMap<Handler, { readonly carried: Carried | undefined }>();
  return (request) => {
    const handler = handlerOf(request);
    if (handler === undefined) return carriedNow();
    const known = first.get(handler);
    if (known !== undefined) return known.carried;
    const carried = handler.runInAsyncScope === undefined ? carriedNow() : handler.runInAsyncScope(carriedNow);
    first.set(handler, { carried });
    return carried;
  };
}

/** What undici tells of a request. */
interface Handler {
  /** It is an AsyncResource. */
  runInAsyncScope?<Result>(run: () => Result): Result;
}

/** undici keeps it under a symbol that it does not export. */
function handlerOf(request: UndiciRequest): Handler | undefined {
  const key = Object.getOwnPropertySymbols(request).find(({ description }) => description === "handler");
  // It lists symbols of this very object.
  const handler: unknown = key === undefined ? undefined : (request as unknown as Record<symbol, unknown>)[key];
  return typeof handler === "object" && handler !== null ? handler : undefined;
}

function namesOf(headers: UndiciRequest["headers"]): readonly string[] {
  if (typeof headers === "string") return namesOfLines(headers);
  return headers.filter((_, i) => i % 2 === 0).map((name) => String(name).toLowerCase());
}

import { subscribe } from "node:diagnostics_channel";
import { type Carried, carriedNow, isContext } from "./carried.ts";
import type { Destinations } from "./destinations.ts";

/** A request of undici's, the built-in one or another, of version 5 to 8. */
interface UndiciRequest {
  readonly method: string;
  readonly origin: string | URL;
  /** The whole URL for a request that a proxy passes on; the origin is the proxy's then. */
  readonly path: string;
  /** Name and value by turns; lines of text in version 5. */
  readonly headers: string | readonly unknown[];
  addHeader(name: string, value: string): unknown;
}

/** Carries what is carried here to the requests of `fetch` and of undici. */
export function watchUndici(carriesTo: Destinations): void {
  const origins = origin();
  subscribe("undici:request:create", (message) => {
    const { request } = message as { request: UndiciRequest };
    const carried = origins(request);
    if (carried === undefined || request.method === "CONNECT" || !carriesTo(hostOf(request))) return;
    const names = namesOf(request.headers);
    add(request, names.some(isContext) ? [] : carried.context, names);
    add(request, carried.others, names);
  });
}

/**
 * What is carried to a request. Its handler tells more than where it is made: requests that waited for a connection are
 * made in the context of whoever had it before, and interceptors repeat them, or follow a redirection, in that of
 * whoever opened it. Handlers of `request`, `stream` and `pipeline` remember their caller's; for a request that is made
 * again with the handler that it had, the first context is the right one.
 */
function origin(): (request: UndiciRequest) => Carried | undefined {
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

function hostOf({ origin, path }: UndiciRequest): string {
  const { hostname } = new URL(path.startsWith("/") ? origin : path, origin);
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

function namesOf(headers: UndiciRequest["headers"]): readonly string[] {
  if (typeof headers === "string") return headers.split("\r\n").map((line) => line.split(":")[0]!.toLowerCase());
  return headers.filter((_, i) => i % 2 === 0).map((name) => String(name).toLowerCase());
}

function add(request: UndiciRequest, lines: readonly string[], names: readonly string[]): void {
  for (let i = 0; i < lines.length; i += 2) {
    if (!names.includes(lines[i]!)) request.addHeader(lines[i]!, lines[i + 1]!);
  }
}

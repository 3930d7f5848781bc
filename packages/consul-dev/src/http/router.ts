import type { Asked } from "./blocking-reader.ts";
import { ApiError, type Reply } from "./reply.ts";

/** A request as handlers see it. `rest` is what follows a route that ends in a slash. */
export interface ApiRequest extends Asked {
  readonly method: string;
  readonly rest: string;
  readonly body: Buffer;
}

/** Answers one route. */
export type Handler = (request: ApiRequest) => Reply | Promise<Reply>;

/** By method: `{ GET: ..., PUT: ... }`. */
export type Methods = Readonly<Record<string, Handler>>;

/** By path; one that ends in a slash takes everything below it, the longest first. */
export type Routes = Readonly<Record<string, Methods>>;

/** Finds the handler. @throws ApiError 404 or 405, as Consul words them */
export function route(
  routes: Routes,
  path: string,
  method: string,
  modern: boolean,
): { readonly handler: Handler; readonly rest: string } {
  const found = match(routes, path);
  if (found === undefined)
    throw new ApiError(404, modern ? "Invalid URL path: not a recognized HTTP API endpoint" : "");
  const allow = ["OPTIONS", ...Object.keys(found.methods)].join(",");
  if (method === "OPTIONS") return { handler: () => ({ status: 200, headers: { Allow: allow } }), rest: "" };
  const handler = Object.hasOwn(found.methods, method) ? found.methods[method] : undefined;
  if (handler === undefined) throw new ApiError(405, `method ${method} not allowed`, { Allow: allow });
  return { handler, rest: found.rest };
}

function match(routes: Routes, path: string): { readonly methods: Methods; readonly rest: string } | undefined {
  const exact = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (exact !== undefined) return { methods: exact, rest: "" };
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const prefix = path.slice(0, end + 1);
    const methods = Object.hasOwn(routes, prefix) ? routes[prefix] : undefined;
    if (methods !== undefined) return { methods, rest: decode(path.slice(end + 1)) };
  }
  return undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiError(400, "");
  }
}

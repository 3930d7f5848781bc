import type { Dispatcher } from "../undici.ts";

/** Repeating them cannot change the result. Source: RFC 9110 9.2.2; QUERY: draft-ietf-httpbis-safe-method-w-body. */
const METHODS = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"]);

/** Whether a request may be repeated although an endpoint may have acted on it: by its method, or by an idempotency key. */
export function isIdempotent({ method, headers }: Dispatcher.DispatchOptions): boolean {
  return METHODS.has(method) || hasHeader(headers, "idempotency-key");
}

function hasHeader(headers: Dispatcher.DispatchOptions["headers"], name: string): boolean {
  if (headers === null || headers === undefined) return false;
  if (Array.isArray(headers)) {
    // undici's flat form: name, value, name, value.
    return headers.some((text, i) => i % 2 === 0 && typeof text === "string" && text.toLowerCase() === name);
  }
  if (Symbol.iterator in headers) {
    for (const [key] of headers) if (key.toLowerCase() === name) return true;
    return false;
  }
  for (const key in headers) if (key.length === name.length && key.toLowerCase() === name) return true;
  return false;
}

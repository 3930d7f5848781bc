import type { Dispatcher } from "../undici.ts";
import { headerOf } from "./request-headers.ts";

/** Repeating them cannot change the result. Source: RFC 9110 9.2.2; QUERY: draft-ietf-httpbis-safe-method-w-body. */
const METHODS: readonly string[] = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"];

/**
 * Whether a request may be repeated although an endpoint may have acted on it: by its method, or by an idempotency key.
 *
 * @param methods taken for idempotent, upper case
 */
export function isIdempotent(
  { method, headers }: Pick<Dispatcher.DispatchOptions, "method" | "headers">,
  methods: readonly string[] = METHODS,
): boolean {
  return methods.includes(method) || headerOf(headers, "idempotency-key") !== undefined;
}

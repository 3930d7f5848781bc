/** Repeating them cannot change the result. Source: RFC 9110 9.2.2; QUERY: draft-ietf-httpbis-safe-method-w-body. */
const METHODS: readonly string[] = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"];

/**
 * Whether a request may be repeated although an endpoint may have acted on it: by its method, or by an idempotency key.
 *
 * @param methods taken for idempotent, upper case: `retry.methods` of the policy; undefined: as RFC 9110 has it
 * @param headerOf reads a header, by its name in lower case, out of whatever the home keeps headers in
 */
export function isIdempotent<Headers>(
  method: string,
  methods: readonly string[] | undefined,
  headers: Headers,
  headerOf: (headers: Headers, name: string) => string | undefined,
): boolean {
  return (methods ?? METHODS).includes(method) || headerOf(headers, "idempotency-key") !== undefined;
}

import type { RequestHead } from "@weft/http";

const FIELD = "max-forwards";

/**
 * How many hops a request may still take from here; Infinity where nothing bounds them. Only OPTIONS can say so: TRACE,
 * the other one, is not passed on at all. What is no number says nothing. Source: RFC 9110 7.6.2.
 *
 * Cost: one comparison for any other method.
 */
export function hopsLeft(head: Pick<RequestHead, "method" | "get">): number {
  if (head.method !== "OPTIONS") return Number.POSITIVE_INFINITY;
  const value = head.get(FIELD) ?? "";
  return /^\d{1,15}$/.test(value) ? Number(value) : Number.POSITIVE_INFINITY;
}

/** The head as it goes to the next hop, which is one less. */
export function headOfNextHop(head: RequestHead): RequestHead {
  const left = hopsLeft(head);
  return left === Number.POSITIVE_INFINITY ? head : head.with([FIELD, String(Math.max(0, left - 1))]);
}

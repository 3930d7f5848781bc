import type { RetryDenial } from "@weft/core";
import type { Fields } from "@weft/http";
import type { Hop } from "./hop.ts";

/**
 * Takes note of why a failure goes to its caller. When that is for want of retries here, the caller is asked not to
 * repeat the call either: it has had its attempts, or all retries of the service have been used up.
 *
 * Not next to the app of an inbound listener: there the caller may know other endpoints.
 */
export function noteDenial(hop: Hop, reason: RetryDenial): void {
  if (hop.listener.side !== "outbound") return;
  const tried = reason === "attempts" && hop.call.attempt > 1;
  if (tried || reason === "budget" || reason === "concurrency") hop.retriesOver = true;
}

/** The fields that say so, of HTTP and, to a caller that goes by it, of gRPC (A6, "Pushback"). */
export function forbidRetry(fields: Fields, grpc: boolean): void {
  fields.set("x-no-retry", "1");
  if (grpc) fields.set("grpc-retry-pushback-ms", "-1");
}

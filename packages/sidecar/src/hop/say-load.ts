import { LOAD_HEADER, LOAD_HEADER_BINARY, loadReportText, type ServedRequest } from "@weft/core";
import type { ResponseHead } from "@weft/http";
import type { HopAttempt } from "./hop-attempt.ts";

/**
 * Says in an answer how many requests the service has in flight besides, and what one takes now. A service that says
 * itself how loaded it is knows better.
 */
export function sayLoad(served: ServedRequest, attempt: HopAttempt, head: ResponseHead): void {
  const { load } = served;
  if (attempt.outcome.kind !== "failure") served.answered(attempt.answeredMs);
  if (head.has(LOAD_HEADER) || head.has(LOAD_HEADER_BINARY)) return;
  const others = load.inFlight - 1;
  head.append(LOAD_HEADER, loadReportText(others, load.latencyMs(others)));
}

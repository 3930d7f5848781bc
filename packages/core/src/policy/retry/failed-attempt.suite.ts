import { failure } from "../../outcome.ts";
import type { AttemptResult } from "./attempt-result.ts";

/** An attempt that was answered 503, and may be repeated. */
export const GATEWAY_ERROR: AttemptResult = {
  outcome: failure("server-error"),
  failure: "gateway-error",
  status: 503,
  sent: "yes",
  retryAfterMs: 0,
  forbidden: false,
};

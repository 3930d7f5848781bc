import { failure, IGNORED, type MeshErrorCode, type Outcome, type RetryCondition } from "@weft/core";
import type { FailureFacts } from "@weft/runtime";

/** How far an attempt had come when it failed. */
export type Phase =
  /** It had not begun, and it was not its connect that failed. */
  | "preparing"
  /** Within the call of a dispatcher that is somebody else's. */
  | "handing over"
  | "connecting"
  | "waiting"
  | "waiting on a reused connection"
  | "receiving";

/** The connection ended, whoever ended it. */
const LOST = new Set([
  "ECONNRESET",
  "EPIPE",
  "ECONNABORTED",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_SOCKET",
]);
/** No connection came about. Others' ways to connect have words of their own besides. */
const UNCONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);
/** The head or the body did not follow the rules. */
const UNREADABLE = new Set(["UND_ERR_HEADERS_OVERFLOW", "UND_ERR_RES_CONTENT_LENGTH_MISMATCH"]);
/** undici sends no such request. */
const REFUSED = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED", "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"]);
/** Our own pool was closed under it: nothing was sent. */
const OURS = new Set(["UND_ERR_DESTROYED", "UND_ERR_CLOSED"]);

/** About the request itself: its body failed, its options are wrong. Nothing is held against the endpoint. */
export const THEIRS: FailureFacts = {
  outcome: IGNORED,
  failure: undefined,
  status: 0,
  sent: "maybe",
  retryAfterMs: 0,
  forbidden: false,
  code: undefined,
  problem: "",
};

/** No head came within the time that holds where the policy names none. */
export const NO_HEAD: FailureFacts = maybe(
  "timeout",
  failure("timeout"),
  "yes",
  "ATTEMPT_TIMEOUT",
  "no answer came in time",
);

/** The body stood still for too long. */
export const STALLED: FailureFacts = final(
  failure("timeout"),
  "CONNECTION_LOST",
  "nothing more of the answer came in time (timeout.idle)",
);

/**
 * What an error of undici says about the endpoint, and about trying again. Goes by how far the attempt had come, and
 * by the code only where that leaves a choice. Source: reference clients 1.5, each row measured there.
 */
export function classifyFailure(error: unknown, phase: Phase): FailureFacts {
  const { code, name, message } = namesOf(error);
  // A dispatcher that is closed, or lets nobody through, has not asked the endpoint. One that says at once what only a
  // network can say has it from there, or is a mock that stands for one.
  if (phase === "handing over" && !LOST.has(code) && !UNCONNECTED.has(code)) return THEIRS;
  if (phase === "preparing" || phase === "handing over" || phase === "connecting") {
    if (OURS.has(code)) return never("never-sent", IGNORED, "CLOSED", "the endpoint's connections were closed");
    if (phase === "preparing" || REFUSED.has(code)) return THEIRS;
    return never("connect-failure", failure("connect"), "CONNECT_FAILED", message);
  }
  if (phase === "receiving") {
    if (code === "UND_ERR_BODY_TIMEOUT") return STALLED;
    if (!LOST.has(code) && !isUnreadable(code, name)) return THEIRS;
    return final(failure("truncated"), "CONNECTION_LOST", `the answer was cut inside its body: ${message}`);
  }
  if (code === "UND_ERR_HEADERS_TIMEOUT") return NO_HEAD;
  if (isUnreadable(code, name)) {
    const problem = `the answer is no HTTP response: ${message}`;
    return maybe("reset-before-response", failure("protocol"), "yes", "PROTOCOL_ERROR", problem);
  }
  if (!LOST.has(code)) return THEIRS;
  if (phase === "waiting on a reused connection") {
    // Usually the endpoint closed an idle connection as we took it: that is no failure of the endpoint.
    const problem = `the reused connection ended before an answer: ${message}`;
    return maybe("stale-connection", IGNORED, "maybe", "CONNECTION_LOST", problem);
  }
  const problem = `the connection ended before an answer: ${message}`;
  return maybe("reset-before-response", failure("reset"), "maybe", "CONNECTION_LOST", problem);
}

function isUnreadable(code: string, name: string): boolean {
  return name === "HTTPParserError" || code.startsWith("HPE_") || UNREADABLE.has(code);
}

function namesOf(error: unknown): { code: string; name: string; message: string } {
  if (!(error instanceof Error)) return { code: "", name: "", message: String(error) };
  // An AggregateError of several addresses has no message of its own.
  const message = error.message || (error instanceof AggregateError ? String(error.errors[0]?.message ?? "") : "");
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { code, name: error.name, message: message || code || error.name };
}

function never(failed: RetryCondition, outcome: Outcome, code: MeshErrorCode, problem: string): FailureFacts {
  return { outcome, failure: failed, status: 0, sent: "no", retryAfterMs: 0, forbidden: false, code, problem };
}

function maybe(
  failed: RetryCondition,
  outcome: Outcome,
  sent: "maybe" | "yes",
  code: MeshErrorCode,
  problem: string,
): FailureFacts {
  return { outcome, failure: failed, status: 0, sent, retryAfterMs: 0, forbidden: false, code, problem };
}

/** Failed for good: the response had begun. */
function final(outcome: Outcome, code: MeshErrorCode, problem: string): FailureFacts {
  return { outcome, failure: undefined, status: 0, sent: "yes", retryAfterMs: 0, forbidden: false, code, problem };
}

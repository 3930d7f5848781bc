import type { Decision } from "../decision/decision.ts";
import type { MeshErrorCode } from "../errors.ts";
import type { FailureReason } from "../outcome.ts";

/** Letters of Envoy's access log for why a call went wrong, as far as any home can tell. docs/access-log.md has each. */
export type CallFlag = "UH" | "UF" | "UO" | "RL" | "UC" | "UT" | "UPE" | "URX" | "DT" | "DC" | "NR" | "LR";

const FLAG_OF_CODE: Readonly<Record<MeshErrorCode, CallFlag>> = {
  NO_ENDPOINTS: "UH",
  ALL_EJECTED: "UH",
  NOT_READY: "UH",
  UNKNOWN_SERVICE: "NR",
  CIRCUIT_OPEN: "UO",
  OVERLOADED: "UO",
  DEADLINE_EXCEEDED: "DT",
  ATTEMPT_TIMEOUT: "UT",
  CONNECT_FAILED: "UF",
  CONNECTION_LOST: "UC",
  PROTOCOL_ERROR: "UPE",
  CLOSED: "LR",
  BAD_CONFIG: "NR",
};

/** Of an attempt that ended without an answer. Answers are no flag: they are the endpoint's own. */
const FLAG_OF_REASON: Readonly<Record<FailureReason, CallFlag | undefined>> = {
  connect: "UF",
  reset: "UC",
  truncated: "UC",
  timeout: "UT",
  protocol: "UPE",
  "server-error": undefined,
  overloaded: undefined,
};

/** The flag for a call that the mesh failed with this code. */
export function flagOf(code: MeshErrorCode): CallFlag {
  return FLAG_OF_CODE[code];
}

/** What the letters of a call are made of. */
export interface FlaggedCall {
  /** See `isGivenUp`. */
  readonly givenUp: boolean;
  /** A code of MeshError, or another name; undefined: it was answered, body and all. */
  readonly error: string | undefined;
}

/**
 * Why a call went wrong, in Envoy's letters; none when it did not.
 *
 * @param decisions those about it that are still kept: without them a rate limit is any limit, and no retry was missed
 * Source: Envoy stream_info/utility.h; reference 2.18.
 */
export function callFlags({ givenUp, error }: FlaggedCall, decisions: readonly Decision[]): readonly CallFlag[] {
  if (givenUp) return ["DC"];
  const cause = error === undefined ? undefined : causeOf(error, decisions);
  const flags = cause === undefined ? [] : [cause];
  return decisions.some(ranOut) ? [...flags, "URX"] : flags;
}

function causeOf(error: string, decisions: readonly Decision[]): CallFlag | undefined {
  if (error === "OVERLOADED" && decisions.some(isRateLimit)) return "RL";
  // Another name than a code of ours finds nothing.
  if (Object.hasOwn(FLAG_OF_CODE, error)) return FLAG_OF_CODE[error as MeshErrorCode];
  const last = decisions.findLast(({ kind }) => kind === "attempt");
  if (last?.kind !== "attempt" || last.outcome === "success" || last.outcome === "ignored") return undefined;
  return FLAG_OF_REASON[last.outcome];
}

function isRateLimit(decision: Decision): boolean {
  return decision.kind === "refusal" && decision.by === "rate-limit";
}

/** A retry was wanted, and what is allowed of them was used up. */
function ranOut(decision: Decision): boolean {
  return decision.kind === "retry" && (decision.verdict === "attempts" || decision.verdict === "budget");
}

import { grpcStatusName, isGrpcFailure, MeshError } from "@weft/core";
import type { SpanStatus } from "./span-data.ts";

/** How much of an error's message is kept, in characters. */
const MESSAGE_CHARACTERS = 1024;

/** A name that may stand in an attribute which is counted by: words of programs, no texts. */
const NAME = /^[A-Za-z][A-Za-z0-9_.]{0,63}$/;

/** When nothing of it can be named. Source: semantic conventions, `error.type`. */
const OTHER = "_OTHER";

/** What a call or an attempt came to, as far as it may be a failure. */
export interface End {
  readonly error: unknown;
  readonly status: number;
  readonly grpcStatus: number;
}

/**
 * Names what went wrong, for `error.type`; undefined: nothing did.
 *
 * The called side is not to blame for what it was asked: a 404 is a failure of who calls only. So what the called side
 * failed with is named where core's `hasFailed` says that it failed, once the error of a caller that gave up is left out.
 *
 * Source: semantic conventions for HTTP and RPC spans, "Status" and `error.type`.
 */
export function failureOf({ error, status, grpcStatus }: End, side: "caller" | "called"): string | undefined {
  if (error !== undefined) return errorType(error);
  if (grpcStatus > 0 && (side === "caller" || isGrpcFailure(grpcStatus))) return grpcStatusName(grpcStatus);
  return status >= (side === "caller" ? 400 : 500) ? String(status) : undefined;
}

/** The class of a failure, of which there are few: the mesh's code, the system's (`ECONNRESET`), or the error's name. */
export function errorType(error: unknown): string {
  if (error instanceof MeshError) return error.code;
  if (!(error instanceof Error)) return OTHER;
  if ("code" in error && typeof error.code === "string" && NAME.test(error.code)) return error.code;
  return NAME.test(error.name) ? error.name : OTHER;
}

/** What it says of itself, cut to a bounded length. */
export function errorMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.length <= MESSAGE_CHARACTERS ? text : `${text.slice(0, MESSAGE_CHARACTERS - 1)}…`;
}

const UNSET: SpanStatus = { kind: "unset" };
const ERROR: SpanStatus = { kind: "error", message: "" };

/** @param failure from `failureOf`: a status of HTTP or gRPC says all there is to say, an error has a message */
export function spanStatus(failure: string | undefined, error: unknown): SpanStatus {
  if (failure === undefined) return UNSET;
  return error === undefined ? ERROR : { kind: "error", message: errorMessage(error) };
}

import { type Call, type Events, MeshError } from "@weft/core";

/** What is known of a call that has ended. */
export interface CallEnd {
  /** Id of the endpoint whose answer it got. Undefined: it got none, and the last one that it went to is told. */
  readonly endpoint: string | undefined;
  /** 0: there was no head. */
  readonly status: number;
  /** Undefined: it was answered, body and all. */
  readonly error: unknown;
  readonly nowMs: number;
}

/** Emits `call.ended`, if anybody listens. */
export function reportEnd(events: Events, call: Call, { endpoint, status, error, nowMs }: CallEnd): void {
  if (!events.wants("call.ended")) return;
  events.emit("call.ended", {
    service: call.service,
    call: call.number,
    endpoint: endpoint ?? call.begun?.endpoint.id,
    attempts: call.attempt,
    durationMs: nowMs - call.startedMs,
    status,
    error: error === undefined ? undefined : errorName(error),
  });
}

/** The code of a MeshError, or the transport's own; ABORTED for what is no error. */
export function errorName(error: unknown): string {
  if (error instanceof MeshError) return error.code;
  if (!(error instanceof Error)) return "ABORTED";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

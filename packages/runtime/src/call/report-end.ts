import { type Events, MeshError } from "@weft/core";
import type { LoggedCall } from "./call-ring.ts";

/** Emits `call.ended`. @param endpoint id of the one whose answer it got; undefined: it got none @param failed see core's `hasFailed` */
export function reportEnd(
  events: Events,
  { call, endedMs, status, error }: LoggedCall,
  endpoint: string | undefined,
  failed: boolean,
): void {
  events.emit("call.ended", {
    service: call.service,
    call: call.number,
    endpoint: endpoint ?? call.begun?.endpoint.id,
    attempts: call.attempt,
    durationMs: endedMs - call.startedMs,
    status: endpoint === undefined ? 0 : status, // the mesh's own is no endpoint's
    error: error === undefined ? undefined : errorName(error),
    failed,
  });
}

/** The code of a MeshError, or the transport's own; ABORTED for what is no error. */
export function errorName(error: unknown): string {
  if (error instanceof MeshError) return error.code;
  if (!(error instanceof Error)) return "ABORTED";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

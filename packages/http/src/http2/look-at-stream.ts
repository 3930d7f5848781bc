import type { ServerLimits } from "../server/server-limits.ts";
import type { ServerStream } from "./server-stream.ts";

/**
 * Looks at one stream, about once a second, and ends it when its caller is too slow: as `sweepConnection` does for
 * HTTP/1.1. A stream of gRPC may be as slow as it likes, and silent for as long as the policy's `timeout.idle`; so may
 * a tunnel.
 */
export function lookAtStream(stream: ServerStream, limits: ServerLimits, nowMs: number): void {
  if (hasStalled(stream, limits, nowMs)) {
    return stream.timeOut(408, "too-slow", `the caller took nothing of its answer for ${limits.stallMs} ms`);
  }
  if (stream.body === undefined || stream.head.grpc || stream.head.method === "CONNECT") return;
  if (stream.measuredMs === 0 || !stream.flowing) {
    stream.measuredMs = nowMs;
    stream.measuredBytes = stream.bytesReceived;
    return;
  }
  const came = stream.bytesReceived - stream.measuredBytes;
  const forMs = nowMs - stream.measuredMs;
  if (came === 0) {
    if (forMs > limits.stallMs) {
      stream.timeOut(408, "too-slow", `nothing more of the body came within ${limits.stallMs} ms`);
    }
    return; // a silence is measured to its end
  }
  if (forMs <= limits.bodyGraceMs) return;
  if (came * 1_000 < limits.minBodyRate * forMs) {
    return stream.timeOut(408, "too-slow", `the body came slower than ${limits.minBodyRate} bytes a second`);
  }
  stream.measuredMs = nowMs;
  stream.measuredBytes = stream.bytesReceived;
}

/** Whether what waits for the caller's window has not moved for too long. */
function hasStalled(stream: ServerStream, { stallMs }: ServerLimits, nowMs: number): boolean {
  if (!stream.waits) {
    stream.stalledSinceMs = 0;
    return false;
  }
  if (stream.stalledSinceMs === 0 || stream.bytesOut !== stream.stalledAt) {
    stream.stalledSinceMs = nowMs;
    stream.stalledAt = stream.bytesOut;
  }
  return nowMs - stream.stalledSinceMs > stallMs;
}

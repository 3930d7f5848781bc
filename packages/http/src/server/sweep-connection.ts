import { UNSEEN } from "./connection-pace.ts";
import type { ServerConnection } from "./server-connection.ts";
import type { ServerLimits } from "./server-limits.ts";

/**
 * What still comes after the last answer is read away for so long, and while the caller is never silent for so long.
 * Source: nginx lingering_time 30 s, lingering_timeout 5 s.
 */
const LINGER_MS = 30_000;
const SILENCE_MS = 5_000;

/**
 * Looks at one connection, about once a second, and ends it when it is too slow. Instead of timers of its own, which
 * each request would set and clear.
 */
export function sweepConnection(connection: ServerConnection, limits: ServerLimits, nowMs: number): void {
  const { phase, socket } = connection;
  if (phase === "tunnel" || phase === "http2" || phase === "closed") return;
  if (hasStalled(connection, limits, nowMs)) {
    connection.cut(`the caller took nothing of its answer for ${limits.stallMs} ms`);
    return;
  }
  if (connection.pace.sinceMs === UNSEEN) connection.pace.sinceMs = nowMs;
  const forMs = nowMs - connection.pace.sinceMs;
  switch (phase) {
    case "idle":
      // While an answer is still on its way, the limit is that of a stall.
      if (forMs > silenceMs(connection, limits) && socket.writableLength === 0) connection.timeOut("");
      return;
    case "head":
      if (forMs > limits.headMs) connection.timeOut(`the head did not come within ${limits.headMs} ms`);
      return;
    case "lingering":
      if (socket.writableLength > 0) connection.pace.sinceMs = connection.pace.heardMs = nowMs; // counted from when all has left
      else if (forMs > LINGER_MS || nowMs - connection.pace.heardMs > SILENCE_MS) connection.timeOut("");
      return;
    case "exchange":
      return lookAtBody(connection, limits, nowMs);
    default:
      phase satisfies never;
  }
}

/** Who has just connected has something to say: until its first byte it has no longer than for a head. */
function silenceMs({ requests }: ServerConnection, { idleMs, headMs }: ServerLimits): number {
  return requests === 0 ? Math.min(idleMs, headMs) : idleMs;
}

/** Whether what was written has not moved for too long. What has moved is told by whole writes, of 64 KiB at most. */
function hasStalled(connection: ServerConnection, limits: ServerLimits, nowMs: number): boolean {
  const { socket } = connection;
  const out = socket.bytesWritten - socket.writableLength;
  if (socket.writableLength === 0 || out !== connection.pace.seenOut) connection.pace.stalledSinceMs = nowMs;
  connection.pace.seenOut = out;
  return nowMs - connection.pace.stalledSinceMs > limits.stallMs;
}

/** A body is measured in spans of `bodyGraceMs`, throughout which we wait for the caller and not the caller for us. */
function lookAtBody(connection: ServerConnection, limits: ServerLimits, nowMs: number): void {
  const body = connection.exchange?.body;
  if (body === undefined) return;
  const came = body.received - connection.pace.seenIn;
  const forMs = nowMs - connection.pace.sinceMs;
  if (!body.heldUp && body.waiting) {
    if (came === 0 && forMs > limits.stallMs) {
      return connection.timeOut(`nothing more of the body came within ${limits.stallMs} ms`);
    }
    if (forMs <= limits.bodyGraceMs) return;
    if (came * 1_000 < limits.minBodyRate * forMs) {
      return connection.timeOut(`the body came slower than ${limits.minBodyRate} bytes a second`);
    }
    if (came === 0) return; // a silence is measured to its end
  }
  body.heldUp = false;
  connection.pace.seenIn = body.received;
  connection.pace.sinceMs = nowMs;
}

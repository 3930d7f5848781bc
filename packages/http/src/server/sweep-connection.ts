import type { ServerConnection } from "./server-connection.ts";
import type { ServerLimits } from "./server-limits.ts";

/** What lingers after an early answer is waited for so long. Source: nginx lingering_time 30 s, lingering_timeout 5 s. */
const LINGER_MS = 5_000;

/**
 * Looks at one connection, once in `everyMs`, and ends it when it is too slow. Instead of timers of its own, which each
 * request would set and clear.
 */
export function sweepConnection(
  connection: ServerConnection,
  limits: ServerLimits,
  nowMs: number,
  everyMs: number,
): void {
  const forMs = nowMs - connection.sinceMs;
  switch (connection.phase) {
    case "idle":
      if (forMs > limits.idleMs) connection.timeOut("");
      return;
    case "head":
      if (forMs > limits.headMs) connection.timeOut(`the head did not come within ${limits.headMs} ms`);
      return;
    case "lingering":
      if (forMs > LINGER_MS) connection.timeOut("");
      return;
    case "exchange":
      return lookAtExchange(connection, limits, nowMs, forMs, everyMs);
    case "tunnel":
    case "closed":
      return;
    default:
      connection.phase satisfies never;
  }
}

function lookAtExchange(
  connection: ServerConnection,
  limits: ServerLimits,
  nowMs: number,
  forMs: number,
  everyMs: number,
): void {
  const { exchange, socket } = connection;
  if (exchange === undefined) return;
  const { body } = exchange;
  if (body !== undefined) {
    const came = body.received - connection.seenIn;
    connection.seenIn = body.received;
    if (body.waiting && forMs > limits.bodyGraceMs && came * 1_000 < limits.minBodyRate * everyMs) {
      connection.timeOut(`the body came slower than ${limits.minBodyRate} bytes a second`);
      return;
    }
  }
  // What the kernel has taken, as against what waits here for the caller to read.
  const out = socket.bytesWritten - socket.writableLength;
  if (socket.writableLength === 0 || out !== connection.seenOut) connection.stalledSinceMs = nowMs;
  else if (nowMs - connection.stalledSinceMs > limits.stallMs) connection.cutStalled();
  connection.seenOut = out;
}

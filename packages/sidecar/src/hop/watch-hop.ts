import type { BodyWatch } from "./body-watch.ts";
import type { Hop } from "./hop.ts";
import { watchBody, watchStreams } from "./watch-answer.ts";

/**
 * Watches an answer that comes bit by bit: gives it up when its endpoint falls silent inside it, or when nobody uses
 * what an extended CONNECT began.
 *
 * @returns undefined when there is nothing to watch any more
 */
export function watchHop(hop: Hop): BodyWatch | undefined {
  const { attempt, exchange, ports } = hop;
  const body = attempt?.exchange?.body;
  if (exchange.over || attempt === undefined || body === undefined) return undefined;
  const idleMs = idleMsOf(hop);
  if (!hop.switched) return watchBody(attempt, body, exchange, idleMs, ports);
  const passed = (): number => exchange.bytesIn + exchange.bytesOut;
  return watchStreams(passed, idleMs, () => hop.unused(), ports);
}

/** How long an answer may be silent, or both sides of what an extended CONNECT began. */
export function idleMsOf({ switched, listener, path }: Hop): number {
  return switched ? listener.tunnelMs : path.idleMs;
}

import type { Clock } from "@weft/core";
import type { DrainReport } from "../sidecar.ts";

/** Something that listens, and can stop without cutting what runs. */
export interface Drainable {
  /** Takes no new connection; calls of those that are open are still served, each with a word that it is the last. */
  stopAccepting(): void;
  /**
   * Resolves when nothing runs any more, at the latest after `graceMs`; what still runs then is cut.
   *
   * @returns what ran when it was called, by how it ended
   */
  finish(graceMs: number): Promise<Pick<DrainReport, "finished" | "cut">>;
}

export interface ShutDownParts {
  /** Says not ready, leaves the registry, waits until callers have noticed. Never rejects. */
  leave(): Promise<void>;
  /** Listeners whose callers are elsewhere: inbound. */
  readonly towardsApp: readonly Drainable[];
  /** Listeners whose caller is the app, which needs them to finish its own calls: outbound and TCP. */
  readonly fromApp: readonly Drainable[];
  /** Whatever is left: the admin API, watches, pools. */
  close(): Promise<void>;
}

/**
 * Ends a sidecar in the order that loses no call: leave the registry and let callers notice, stop accepting, finish what
 * runs, close. Calls to the app come first, since while they run the app may still make calls of its own.
 *
 * @param graceMs for both halves together
 */
export async function shutDown(parts: ShutDownParts, graceMs: number, clock: Clock): Promise<DrainReport> {
  const startMs = clock.nowMs();
  await parts.leave();
  const untilMs = clock.nowMs() + graceMs;
  let finished = 0;
  let cut = 0;
  for (const half of [parts.towardsApp, parts.fromApp]) {
    for (const listener of half) listener.stopAccepting();
    const leftMs = Math.max(0, untilMs - clock.nowMs());
    for (const ended of await Promise.all(half.map((listener) => listener.finish(leftMs)))) {
      finished += ended.finished;
      cut += ended.cut;
    }
  }
  await parts.close();
  return { finished, cut, tookMs: clock.nowMs() - startMs };
}

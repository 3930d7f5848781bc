import { setTimeout as sleep } from "node:timers/promises";
import { rssOf } from "./process-usage.ts";

const EVERY_MS = 50;
const AT_REST_MS = 1_500;
const GIVE_UP_MS = 30_000;

/** The most memory of a process while `work` goes on, looked at every 50 ms, in bytes. */
export async function peakDuring(pid: number, work: Promise<unknown>): Promise<number> {
  let over = false;
  const done = work.finally(() => (over = true));
  done.catch(() => {}); // Thrown below, where it is awaited.
  let peak = rssOf(pid);
  while (!over) {
    await Promise.race([done, sleep(EVERY_MS)]);
    peak = Math.max(peak, rssOf(pid));
  }
  await done;
  return peak;
}

/** The same until it has not grown by 1 % for 1.5 s, or for 30 s. */
export async function peakUntilAtRest(pid: number): Promise<number> {
  let peak = rssOf(pid);
  const beganAt = performance.now();
  let grewAt = beganAt;
  while (performance.now() - grewAt < AT_REST_MS && performance.now() - beganAt < GIVE_UP_MS) {
    await sleep(EVERY_MS);
    const rss = rssOf(pid);
    if (rss > peak * 1.01) grewAt = performance.now();
    peak = Math.max(peak, rss);
  }
  return peak;
}

import { expect } from "vitest";
import { call, type SidecarRig } from "../../sidecar/rig.ts";

/** What can be asked for what it holds: a sidecar in this process or in one of its own. */
export type Holding = Pick<SidecarRig, "port" | "held">;

/** How long something may take to be let go of: far more than it does, so that a slow machine fails no story. */
const MOST_MS = 30_000;

/**
 * What every bad day must leave behind: no call and no lease is held, calls are answered, and once the endpoints close
 * what lies idle, no connection is open either.
 *
 * @param closeIdle makes every endpoint close its idle connections. Undefined: the story does not end with endpoints
 *   that can
 */
export async function expectAtRest(sidecar: Holding, closeIdle?: () => unknown): Promise<void> {
  await comesTrue(sidecar.held, ({ calls, pending }) => calls === 0 && pending === 0);
  expect((await call(sidecar.port, "/after")).status).toBe(200);
  if (closeIdle === undefined) return;
  await closeIdle();
  await comesTrue(sidecar.held, ({ calls, pending, connections }) => calls + pending + connections === 0);
}

/**
 * Asks again, as soon as it was answered, until the answer is the one hoped for: of another process there is no event.
 *
 * @throws Error with the last answer when that has not come in 30 s
 */
export async function comesTrue<T>(ask: () => Promise<T>, hoped: (answer: T) => boolean): Promise<T> {
  const limit = AbortSignal.timeout(MOST_MS);
  for (;;) {
    const answer = await ask();
    if (hoped(answer)) return answer;
    if (limit.aborted) throw new Error(`after ${MOST_MS} ms it is still ${JSON.stringify(answer)}`);
  }
}

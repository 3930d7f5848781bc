import type { ProbeResult } from "@weft/core";

/** What every check over HTTP says of itself, each field with its line end. */
export const CHECK_LINES = "User-Agent: weft-health-check\r\n";

/** A check that passed. */
export const PASSED: ProbeResult = { kind: "passed" };

/** A check that failed. @param why in a few words */
export function failedCheck(why: string): ProbeResult {
  return { kind: "failed", why };
}

/**
 * What `done` comes to, or a failed check as soon as the signal aborts.
 *
 * @param giveUp called then, once: lets go of whatever the check holds
 */
export function untilAborted(
  done: PromiseWithResolvers<ProbeResult>,
  signal: AbortSignal,
  giveUp: () => void,
): Promise<ProbeResult> {
  const abort = (): void => {
    giveUp();
    done.resolve(failedCheck("no answer in time"));
  };
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return done.promise.finally(() => signal.removeEventListener("abort", abort));
}

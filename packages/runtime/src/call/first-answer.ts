import { MeshError, type Time, type Watch } from "@weft/core";

export interface Patience {
  readonly time: Time;
  /** The most that is waited for the registry's first answer, in ms. */
  readonly readyMs: number;
}

/**
 * Waits until the registry has answered for a service; an empty answer is one.
 *
 * @throws MeshError NOT_READY when it has not in time, with what it answered instead; the signal's reason when it
 * aborts first
 */
export async function firstAnswer(
  watch: Watch,
  service: string,
  { time, readyMs }: Patience,
  signal?: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const answered = new AbortController();
  // A sleep, and not a mere timer: who waits is a reason for the process to stay.
  time.sleep(readyMs, answered.signal).then(
    () => over.abort(notReady(watch, service, `within ${readyMs} ms`)),
    () => {}, // the answer came first
  );
  try {
    await watch.ready(signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]));
  } finally {
    answered.abort();
  }
}

/**
 * The same for as long as the caller's own signal lets it.
 *
 * @throws MeshError NOT_READY for a signal of `AbortSignal.timeout`, which could say no more than that time is over;
 * any other signal's reason
 */
export async function firstAnswerBefore(watch: Watch, service: string, signal: AbortSignal): Promise<void> {
  try {
    await watch.ready(signal);
  } catch (error) {
    const timedOut = error instanceof DOMException && error.name === "TimeoutError";
    throw timedOut ? notReady(watch, service, "in the time given", error) : error;
  }
}

function notReady({ membership }: Watch, service: string, within: string, cause?: unknown): MeshError {
  const { freshness, source } = membership;
  const error = "error" in freshness ? freshness.error : undefined;
  const why =
    error === undefined
      ? "; is it running, and is the address right?"
      : `: ${error}; put that right, or correct where the registry is`;
  const problem = `${source} has given no answer ${within}${why}`;
  return new MeshError("NOT_READY", problem, { service, neverSent: true, cause });
}

/** What h2load says at its end. */
export interface H2loadCounts {
  /** Requests sent. Over `done` when a run for a fixed time broke off those under way. */
  readonly started: number;
  readonly done: number;
  /** Answered with a status from 200 to 399. */
  readonly succeeded: number;
  /** Answered with another one, or not at all: connections lost and streams reset, and those that took too long. */
  readonly failed: number;
  /** Answered with a status from 200 to 299. */
  readonly ok: number;
  /** Received, with heads and frames. */
  readonly bytes: number;
}

const REQUESTS =
  /^requests: \d+ total, (\d+) started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout$/m;

/** @throws Error when it is not the output of a run to its end */
export function readH2loadOutput(text: string): H2loadCounts {
  const requests = REQUESTS.exec(text);
  const ok = /^status codes: (\d+) 2xx,/m.exec(text);
  const bytes = /^traffic: .*?\((\d+)\) total/m.exec(text);
  if (requests === null || ok === null || bytes === null) throw new Error(`h2load printed no result: ${text}`);
  // `failed` of h2load includes those that errored and timed out.
  const [started = 0, done = 0, succeeded = 0, failed = 0] = requests.slice(1).map(Number);
  return { started, done, succeeded, failed, ok: Number(ok[1]), bytes: Number(bytes[1]) };
}

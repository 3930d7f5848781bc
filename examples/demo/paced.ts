import type { Counted } from "./score.ts";

const CALLS_A_SECOND = 50;
/** Of what is due: a machine that stood still does not make up for all of it. */
const MOST_AT_ONCE = 10;

/**
 * Calls 50 times a second by the clock, and prints what came of it, once a second. Ends with standard input.
 *
 * @param call  resolves with the name of the endpoint that answered
 * @param close what keeps the process up, when no call is running any more
 */
export function runPaced(call: (number: number) => Promise<string>, close: () => void = () => {}): void {
  let failure: string | undefined;
  let failed = 0;
  let timesMs: number[] = [];
  let answers: Record<string, number> = {};

  async function count(number: number): Promise<void> {
    const beganMs = performance.now();
    try {
      const name = await call(number);
      answers[name] = (answers[name] ?? 0) + 1;
    } catch (error) {
      failed++;
      failure ??= String(error);
    }
    timesMs.push(performance.now() - beganMs);
  }

  function tell(): void {
    const counted: Omit<Counted, "retries"> = { calls: timesMs.length, failed, failure, timesMs, answers };
    process.stdout.write(`${JSON.stringify(counted)}\n`);
    failed = 0;
    failure = undefined;
    timesMs = [];
    answers = {};
  }

  const calls = new Set<Promise<void>>();
  const beganMs = performance.now();
  let sent = 0;
  const sending = setInterval(() => {
    const due = ((performance.now() - beganMs) / 1000) * CALLS_A_SECOND;
    for (sent = Math.max(sent, Math.floor(due) - MOST_AT_ONCE); sent < due;) {
      const running = count(++sent);
      calls.add(running);
      void running.finally(() => calls.delete(running));
    }
  }, 10);
  const ticking = setInterval(tell, 1000);

  process.on("SIGINT", () => {}); // Ctrl-C reaches every process of the terminal: the stage ends this one in its turn
  process.stdin.resume().once("end", async () => {
    clearInterval(sending);
    clearInterval(ticking);
    await Promise.all(calls);
    tell();
    close();
  });
}

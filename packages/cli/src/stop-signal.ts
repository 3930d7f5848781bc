const SIGNALS = [
  { signal: "SIGTERM", code: 143 },
  { signal: "SIGINT", code: 130 },
] as const;

/**
 * Waits for the first SIGTERM or SIGINT. From the call on, a second one ends the process at once, with the code that
 * shells give to a process that a signal ended: 128 and the signal's number.
 *
 * @param asked called when the first arrives, before the promise resolves
 */
export function stopSignal(asked: (signal: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false;
    for (const { signal, code } of SIGNALS) {
      process.on(signal, () => {
        if (stopping) process.exit(code);
        stopping = true;
        asked(signal);
        resolve();
      });
    }
  });
}

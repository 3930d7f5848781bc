import { constants } from "node:os";

/** What a signal asks for. */
export interface SignalPorts {
  /** The first SIGTERM or SIGINT. */
  stop(signal: "SIGTERM" | "SIGINT"): void;
  /** The second: end at once, with this exit code. */
  abort(code: number): never;
  /** Any other signal that an app may want to hear. */
  pass(signal: NodeJS.Signals): void;
}

const PASSED: readonly NodeJS.Signals[] = ["SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/** Listens for signals, for as long as the process lives. */
export function runSignals(ports: SignalPorts): void {
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) ports.abort(128 + constants.signals[signal]);
      stopping = true;
      ports.stop(signal);
    });
  }
  for (const signal of PASSED) process.on(signal, () => ports.pass(signal));
}

/**
 * Whether the terminal sends this signal to the app as well, because it is in the same process group: then it is not
 * passed on, or the app would take one Ctrl-C for two.
 */
export function cameToBoth(signal: NodeJS.Signals): boolean {
  return process.stdin.isTTY && ["SIGINT", "SIGQUIT", "SIGHUP"].includes(signal);
}

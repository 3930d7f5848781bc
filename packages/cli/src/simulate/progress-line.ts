/** How far something long has come, on a terminal or in a log. */
export interface ProgressLine {
  /** @param share in [0, 1] */
  show(what: string, share: number): void;
  /** Takes the line off the terminal. */
  clear(): void;
}

/** Nothing is said of what takes less than a second. */
const PATIENCE_MS = 1_000;
const ON_TERMINAL_MS = 200;
const IN_LOG_MS = 10_000;

/** On a terminal one line that changes; elsewhere a line every ten seconds. */
export function progressLine(to: NodeJS.WriteStream): ProgressLine {
  const everyMs = to.isTTY ? ON_TERMINAL_MS : IN_LOG_MS;
  let nextMs = performance.now() + Math.max(PATIENCE_MS, everyMs);
  let shown = false;
  return {
    show(what, share) {
      if (performance.now() < nextMs) return;
      nextMs = performance.now() + everyMs;
      const text = `${Math.floor(share * 100)} % ${what}`;
      to.write(to.isTTY ? `\r\u001B[K${text}` : `${text}\n`);
      shown = to.isTTY;
    },
    clear() {
      if (shown) to.write("\r\u001B[K");
      shown = false;
    },
  };
}

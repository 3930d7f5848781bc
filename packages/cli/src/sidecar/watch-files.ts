import { type Stats, unwatchFile, watchFile } from "node:fs";

/** Files that are looked at again and again, as `watchPolicy` does and for its reasons. */
export interface WatchedFiles {
  /** From now on these, and no others. */
  follow(files: Iterable<string>): void;
  close(): void;
}

/** Certificates are renewed days before their time is over. */
const INTERVAL_MS = 5_000;
/** A certificate and its key are two files: time for the second to be written. */
const SETTLE_MS = 500;

/**
 * Does not keep the process alive.
 *
 * @param changed told once when one or more of them have another content, or are there or gone
 */
export function watchFiles(changed: () => void, intervalMs: number = INTERVAL_MS): WatchedFiles {
  const followed = new Set<string>();
  let settling: NodeJS.Timeout | undefined;
  const look = (now: Stats, before: Stats): void => {
    if (now.nlink === 0 && before.nlink === 0) return; // Node's first word on a file that is not there
    settling ??= setTimeout(() => {
      settling = undefined;
      changed();
    }, SETTLE_MS).unref();
  };
  const drop = (file: string): void => {
    followed.delete(file);
    unwatchFile(file, look);
  };
  return {
    follow(files) {
      const wanted = new Set(files);
      for (const file of followed) if (!wanted.has(file)) drop(file);
      for (const file of wanted) {
        if (followed.has(file)) continue;
        followed.add(file);
        watchFile(file, { interval: intervalMs, persistent: false }, look);
      }
    },
    close() {
      clearTimeout(settling);
      for (const file of followed) drop(file);
    },
  };
}

import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Time } from "@weft/core";

/** Writers need a moment between the first byte and the last: one look serves a burst of notifications. */
const SETTLE_MS = 50;
/** Where the system tells nothing (network file systems, a directory that does not exist yet): look this often. */
const LOOK_MS = 5_000;

export interface FileWatchOptions {
  /** Absolute. Neither the file nor its directory need exist. */
  readonly path: string;
  readonly time: Time;
  /** Called at first, and after each change, return or disappearance; never while an earlier call still runs. */
  readonly onChange: () => Promise<void>;
}

/**
 * Notices when a file may have changed.
 *
 * It watches the directory, because a watch on the file itself stays with the old one when another is renamed over it.
 */
export class FileWatch {
  readonly #options: FileWatchOptions;
  #directory: FSWatcher | undefined;
  #seen = "";
  #cancelLook: () => void = () => {};
  #cancelSettle: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: FileWatchOptions) {
    this.#options = options;
    this.#open();
    this.poke();
    this.#scheduleLook();
  }

  /** Calls `onChange` soon, whether or not anything changed. */
  poke(): void {
    this.#seen = "";
    this.#look();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelLook();
    this.#cancelSettle?.();
    this.#directory?.close();
    await this.#running;
  }

  #open(): void {
    try {
      this.#directory = watch(dirname(this.#options.path), { persistent: false }, () => this.#settle());
      // The directory is gone, or the system's watches are used up: the regular look takes over, and opens it again.
      this.#directory.on("error", () => this.#lose());
    } catch {
      this.#directory = undefined; // the same
    }
  }

  #lose(): void {
    this.#directory?.close();
    this.#directory = undefined;
  }

  #settle(): void {
    if (this.#closed || this.#cancelSettle !== undefined) return;
    this.#cancelSettle = this.#options.time.after(SETTLE_MS, () => {
      this.#cancelSettle = undefined;
      this.#look();
    });
  }

  #scheduleLook(): void {
    if (this.#closed) return;
    this.#cancelLook = this.#options.time.after(LOOK_MS, () => {
      // A removed and recreated directory keeps a watch that never fires again on some systems: a fresh one is cheap.
      this.#lose();
      this.#open();
      this.#look();
      this.#scheduleLook();
    });
  }

  #look(): void {
    this.#running = this.#running.then(async () => {
      if (this.#closed) return;
      const now = await fingerprint(this.#options.path);
      if (now === this.#seen || this.#closed) return;
      this.#seen = now;
      await this.#options.onChange();
    });
  }
}

/** Differs when the file, or what its name leads to, is another or was written. `absent` for none. */
async function fingerprint(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch (error) {
    return `absent: ${String(error)}`;
  }
}

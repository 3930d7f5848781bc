import { unwatchFile, watchFile } from "node:fs";
import type { CheckedPolicy } from "../resolve/check-policy.ts";
import type { Home } from "../resolve/merge.ts";
import type { GivenFields } from "../resolve/sidecar-fields.ts";
import { readPolicyText } from "./load-policy.ts";
import { parsePolicy } from "./parse-policy.ts";

/** How often a file is looked at, and who is told. */
export interface WatchOptions {
  /** Who will use it. Default `sdk`. */
  readonly home?: Home;
  /** Stands over what the file says, each time. */
  readonly given?: GivenFields;
  /** Between two looks at the file, in ms, > 0. Default 1,000. */
  readonly intervalMs?: number;
  /** The file has a new content that was accepted. */
  readonly changed?: (checked: CheckedPolicy) => void;
  /** It has one that was refused, or cannot be read: the last good one stays. Also told what `changed` throws. */
  readonly failed?: (error: unknown) => void;
}

/** A file that is being watched. */
export interface PolicyWatch {
  /** The last good policy. */
  readonly current: CheckedPolicy;
  /** Looks at the file now and reports what is found, also when it is what was found before. Never rejects. */
  reread(): Promise<void>;
  /** Stops watching; nothing is reported afterwards. */
  close(): void;
}

/**
 * Loads a policy file and follows its changes. Never throws or rejects once it has returned.
 *
 * Looks at the file again and again rather than waiting for the file system's word, which is not given on bind mounts
 * and lost when an editor or Kubernetes puts another file in its place. Does not keep the process alive.
 *
 * @throws PolicyError when the first content is refused
 */
export async function watchPolicy(file: string, options: WatchOptions = {}): Promise<PolicyWatch> {
  const { home, given } = options;
  const parse = { file, ...(home && { home }), ...(given && { given }) };
  /** The text that was found last, or why none could be read: what has been told is not told again. */
  let found = await readPolicyText(file);
  let current = await parsePolicy(found, parse);
  let closed = false;
  let reads = Promise.resolve();

  function isNew(next: string, asked: boolean): boolean {
    const differs = next !== found;
    found = next;
    return differs || asked;
  }

  async function read(asked: boolean): Promise<void> {
    if (closed) return;
    try {
      const text = await readPolicyText(file).catch((error: unknown) => {
        if (isNew(String(error), asked)) throw error;
      });
      if (text === undefined || !isNew(text, asked)) return;
      const checked = await parsePolicy(text, parse);
      if (closed) return;
      current = checked;
      options.changed?.(checked);
    } catch (error) {
      if (!closed) tell(error);
    }
  }

  function tell(error: unknown): void {
    try {
      options.failed?.(error);
    } catch {
      // Whoever listens for failures and fails has nobody left to tell.
    }
  }

  // One after the other, so that an older content never overtakes a newer one.
  const enqueue = (asked: boolean): Promise<void> => (reads = reads.then(() => read(asked)));
  const look = (): void => void enqueue(false);
  watchFile(file, { interval: options.intervalMs ?? 1_000, persistent: false }, look);
  look(); // what was written between the first read and now
  return {
    get current() {
      return current;
    },
    reread: () => enqueue(true),
    close() {
      closed = true;
      unwatchFile(file, look);
    },
  };
}

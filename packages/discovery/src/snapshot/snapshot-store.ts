import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Endpoint } from "@weft/core";
import { isRecord, parseEndpoints } from "../endpoint-spec.ts";
import { words } from "../notice.ts";

/** The file's own version: another one is not read. */
const FORMAT = 1;
/** An unchanged membership is written again after this long, so that the file's age tells when it was last confirmed. */
const REFRESH_MS = 60_000;

export interface Snapshot {
  readonly endpoints: readonly Endpoint[];
  /** Between the writing and this reading, in ms. */
  readonly ageMs: number;
}

export interface SnapshotStoreOptions {
  /** A directory of the user's; made when absent. */
  readonly dir: string;
  /** Milliseconds since 1970: the age of a file outlives the process, so no monotonic clock will do. */
  readonly epochMs: () => number;
  readonly onNotice: (service: string, problem: string) => void;
}

/**
 * Keeps the last good endpoints of each service in a file, for a start while the registry is away.
 *
 * A file is replaced by renaming, has mode 0600, and carries the time of writing. Whatever goes wrong (a full disk, a
 * file that cannot be read, somebody else's content) is reported and costs only the snapshot; writes that fail are
 * reported once, until one succeeds.
 */
export class SnapshotStore {
  readonly #options: SnapshotStoreOptions;
  readonly #written = new Map<string, { readonly endpoints: readonly Endpoint[]; readonly atMs: number }>();
  /** The last write of each file, so that two never race and `close` can wait for them. */
  readonly #writes = new Map<string, Promise<void>>();
  /** Files that cannot be written, which was told. */
  readonly #failing = new Set<string>();

  constructor(options: SnapshotStoreOptions) {
    this.#options = options;
  }

  /** @param key tells queries apart that ask for the same service in different ways. @returns undefined when none is there */
  async read(service: string, key: string): Promise<Snapshot | undefined> {
    const path = this.#path(service, key);
    try {
      const json: unknown = JSON.parse(await readFile(path, "utf8"));
      if (!isRecord(json) || json.format !== FORMAT || json.key !== key || typeof json.savedAtMs !== "number") {
        throw new Error("it is not a snapshot of this query");
      }
      const { endpoints, mistakes } = parseEndpoints(json.endpoints, "endpoints");
      if (mistakes.length > 0) throw new Error(mistakes.join("; "));
      return { endpoints, ageMs: Math.max(0, this.#options.epochMs() - json.savedAtMs) };
    } catch (error) {
      if (!hasCode(error, "ENOENT")) this.#options.onNotice(service, `snapshot ${path}: not read: ${words(error)}`);
      return undefined;
    }
  }

  /** Writes in the background when the endpoints changed, or were last written a minute ago. */
  confirm(service: string, key: string, endpoints: readonly Endpoint[]): void {
    const path = this.#path(service, key);
    const atMs = this.#options.epochMs();
    const last = this.#written.get(path);
    if (last !== undefined && last.endpoints === endpoints && Math.abs(atMs - last.atMs) < REFRESH_MS) return;
    this.#written.set(path, { endpoints, atMs });
    const text = JSON.stringify({ format: FORMAT, key, savedAtMs: atMs, endpoints });
    const before = this.#writes.get(path) ?? Promise.resolve();
    const write = before.then(() => this.#write(service, path, text));
    this.#writes.set(path, write);
    void write.then(() => {
      if (this.#writes.get(path) === write) this.#writes.delete(path);
    });
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await Promise.all(this.#writes.values());
  }

  async #write(service: string, path: string, text: string): Promise<void> {
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      await makeDirectory(dirname(path));
      await writeFile(temporary, text, { mode: 0o600, flag: "wx" });
      await rename(temporary, path);
      this.#failing.delete(path);
    } catch (error) {
      this.#written.delete(path); // the next confirmation tries again
      if (!this.#failing.has(path)) this.#options.onNotice(service, `snapshot ${path}: not written: ${words(error)}`);
      this.#failing.add(path);
      await rm(temporary, { force: true }).catch(() => {}); // nothing more can be done about a disk like this
    }
  }

  #path(service: string, key: string): string {
    const readable = service.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64);
    return join(this.#options.dir, `${readable}-${createHash("sha256").update(key).digest("hex").slice(0, 16)}.json`);
  }
}

/** Not `recursive`: Node then tries for ever where a directory is refused as if its parent were missing, as in /proc. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT") || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await makeOne(path);
  }
}

/** Whatever stands there already will do: if it is no directory, writing into it says so. */
async function makeOne(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (!hasCode(error, "EEXIST")) throw error;
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { MeshError } from "@weft/core";
import type { Discovery, Endpoint, Events, Time } from "@weft/core";
import { isRecord, parseEndpoints } from "../endpoint-spec.ts";
import { Feed } from "../feed.ts";
import { words } from "../notice.ts";
import { systemTime } from "../system-time.ts";
import { FileWatch } from "./file-watch.ts";

export interface FileOptions {
  /** One JSON file for all services: `{ "orders": ["10.0.0.1:80", { "host": ..., "port": ... }] }`. */
  readonly path?: string;
  /** One JSON file for each of these services, each with a list: `["10.0.0.1:80"]`. Wins over `path`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly time?: Time;
  /** Carries `discovery.freshness`. */
  readonly events?: Events;
}

/**
 * Endpoints written in JSON files, read again whenever a file changes.
 *
 * Any way to change a file works: writing it, renaming another over it, swapping a symbolic link. While a file is
 * gone or cannot be read as what it should be, the endpoints last read stay and the freshness says what is wrong.
 *
 * @throws MeshError BAD_CONFIG when neither `path` nor `files` is given
 */
export function fileDiscovery(options: FileOptions): Discovery {
  const { path, files = {}, time = systemTime, events } = options;
  if (path === undefined && Object.keys(files).length === 0) {
    throw new MeshError("BAD_CONFIG", "discovery.file: neither path nor files is given");
  }
  const feeds = new Map<string, Feed>();
  const watches = new Map<string, FileWatch>();
  const readers = new Map<string, Set<(content: FileContent) => void>>();
  let closed = false;

  function start(service: string): Feed {
    const own = Object.hasOwn(files, service) ? files[service] : undefined;
    const file = own ?? path;
    const feed = new Feed({
      service,
      source: file === undefined ? "file: none is given" : `file ${basename(file)}`,
      clock: time,
      events,
    });
    if (file === undefined) feed.learned([]);
    else follow(resolve(file), (content) => tell(feed, content, own === undefined ? service : undefined));
    return feed;
  }

  /** One watch for each file, whatever number of services it names. */
  function follow(file: string, reader: (content: FileContent) => void): void {
    const known = readers.get(file);
    const all = known ?? new Set();
    all.add(reader);
    readers.set(file, all);
    const read = async (): Promise<void> => {
      const content = await readContent(file);
      for (const one of all) one(content);
    };
    const watch = watches.get(file);
    if (watch === undefined) watches.set(file, new FileWatch({ path: file, time, onChange: read }));
    else watch.poke();
  }

  return {
    watch(service) {
      if (closed) throw new MeshError("CLOSED", "this discovery was closed", { service });
      const feed = feeds.get(service) ?? start(service);
      feeds.set(service, feed);
      return feed.watch();
    },
    async close() {
      closed = true;
      for (const feed of feeds.values()) feed.close();
      await Promise.all([...watches.values()].map((watch) => watch.close()));
    },
  };
}

type FileContent = { readonly json: unknown } | { readonly error: string };

async function readContent(path: string): Promise<FileContent> {
  try {
    return { json: JSON.parse(await readFile(path, "utf8")) };
  } catch (error) {
    return { error: error instanceof SyntaxError ? `${path} is not JSON: ${words(error)}` : words(error) };
  }
}

/** @param service its name in the file; undefined when the whole file is its list */
function tell(feed: Feed, content: FileContent, service: string | undefined): void {
  const read = "error" in content ? content : listOf(content.json, service);
  if ("error" in read) feed.failed(read.error);
  else feed.learned(read.endpoints);
}

function listOf(json: unknown, service: string | undefined): { endpoints: readonly Endpoint[] } | { error: string } {
  if (service !== undefined && !isRecord(json)) return { error: "the file is not an object of services" };
  const list = service === undefined || !isRecord(json) ? json : Object.hasOwn(json, service) ? json[service] : [];
  const { endpoints, mistakes } = parseEndpoints(list, service ?? "$");
  return mistakes.length > 0 ? { error: mistakes.join("; ") } : { endpoints };
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const ROOT = join(import.meta.dirname, "..", "..");
/** Where containers have the repository, and how: as it is here, or as it was set up. */
const MOUNTED: ReadonlyMap<string, string> = new Map([
  ["/source", ".:/source:ro"],
  ["/weft", "weft:/weft:ro"],
]);

/** One service of docker-compose.yml, as far as this repository writes them. */
export interface ComposeService {
  readonly name: string;
  readonly image: string;
  /** Empty: the image's own. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The folder in this repository that it starts in; undefined: one of its image. */
  readonly folder: string | undefined;
  /** Whose network it is in: its own name, or that of the service that it shares one with. */
  readonly network: string;
  readonly published: readonly Published[];
  /** Services that are started before it. */
  readonly after: readonly string[];
  /** Services that have ended, and well, before it is started. */
  readonly afterEnd: readonly string[];
}

/** A port of a container that the machine shows. */
interface Published {
  readonly host: string;
  readonly port: number;
  readonly container: number;
}

/** Those of the repository's docker-compose.yml, by name. */
export function readCompose(): ReadonlyMap<string, ComposeService> {
  return parseCompose(readFileSync(join(ROOT, "docker-compose.yml"), "utf8"));
}

/**
 * Reads a composition. Stricter than Docker: a key that this repository has no use for is a mistake, too.
 *
 * @throws Error that names the first mistake
 */
export function parseCompose(text: string): ReadonlyMap<string, ComposeService> {
  const top = object(parse(text, { merge: true }), "the file");
  for (const key of Object.keys(top)) if (!/^(services|volumes|x-.*)$/.test(key)) throw unknown(key, "the file");
  const services = new Map<string, ComposeService>();
  for (const [name, written] of Object.entries(object(top["services"], "services"))) {
    services.set(name, serviceOf(name, object(written, name)));
  }
  for (const { name, network, after, afterEnd } of services.values()) {
    for (const other of [network, ...after, ...afterEnd]) {
      if (!services.has(other)) throw new Error(`${name}: there is no service ${other}`);
    }
    if (services.get(network)?.network !== network) throw new Error(`${name}: ${network} has no network of its own`);
  }
  return services;
}

const KNOWN: readonly string[] = [
  "image",
  "command",
  "environment",
  "ports",
  "network_mode",
  "depends_on",
  "working_dir",
  "volumes",
  "restart",
  "init",
];

function serviceOf(name: string, written: Readonly<Record<string, unknown>>): ComposeService {
  for (const key of Object.keys(written)) if (!KNOWN.includes(key)) throw unknown(key, name);
  const { image, working_dir: folder, network_mode: mode, ports = [] } = written;
  const { command = "", environment = {}, depends_on: after = {} } = written;
  if (typeof image !== "string" || !/^[\w./-]+:\d+\.\d+\.\d+[\w.-]*$/.test(image))
    throw new Error(`${name}: image ${JSON.stringify(image)} has no exact version`);
  if (mode !== undefined && Array.isArray(ports) && ports.length > 0)
    throw new Error(`${name}: ports belong to the service whose network it shares`);
  return {
    name,
    image,
    command: text(command, `${name}: command`)
      .split(" ")
      .filter((word) => word !== ""),
    environment: Object.fromEntries(
      Object.entries(object(environment, `${name}: environment`)).map(([key, value]) => [key, text(value, key)]),
    ),
    folder: folder === undefined ? undefined : folderOf(text(folder, name), texts(written["volumes"], name), name),
    network: mode === undefined ? name : matched(text(mode, name), /^service:([\w-]+)$/, `${name}: network_mode`)[0]!,
    published: texts(ports, `${name}: ports`).map((port) => publishedOf(port, name)),
    after: dependencies(after, "service_started", name),
    afterEnd: dependencies(after, "service_completed_successfully", name),
  };
}

/** Where a folder of a container is in this repository. */
function folderOf(folder: string, volumes: readonly string[], name: string): string {
  const mounted = /^\/\w+/.exec(folder)?.[0] ?? "";
  const volume = MOUNTED.get(mounted);
  if (volume === undefined || !volumes.includes(volume))
    throw new Error(`${name}: the repository is not mounted at ${mounted}`);
  return folder.replace(mounted, ROOT);
}

const CONDITIONS: readonly unknown[] = ["service_started", "service_completed_successfully"];

/** Those that it waits for until they are so far. */
function dependencies(written: unknown, condition: string, name: string): readonly string[] {
  const all = Object.entries(object(written, `${name}: depends_on`)).map(
    ([other, value]) => [other, object(value, other)["condition"]] as const,
  );
  for (const [other, its] of all)
    if (!CONDITIONS.includes(its)) throw new Error(`${name}: depends_on.${other}: no such condition`);
  return all.filter(([, its]) => its === condition).map(([other]) => other);
}

function publishedOf(port: string, name: string): Published {
  const form = /^(\d+\.\d+\.\d+\.\d+):(\d+):(\d+)$/;
  const [host = "", at, container] = matched(port, form, `${name}: a port without the address that it is shown at`);
  return { host, port: Number(at), container: Number(container) };
}

function matched(value: string, form: RegExp, what: string): readonly string[] {
  const found = form.exec(value);
  if (found === null) throw new Error(`${what}: ${value}`);
  return found.slice(1);
}

function object(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${what}: is no object`);
  return Object.fromEntries(Object.entries(value));
}

function texts(value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value)) throw new Error(`${what}: is no list`);
  return value.map((item: unknown) => text(item, what));
}

/** What YAML takes for a number or a truth value is none where Docker wants text. */
function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw new Error(`${what}: is no text`);
  return value;
}

function unknown(key: string, where: string): Error {
  return new Error(`${where}: unknown key ${key}`);
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { ComposeService } from "./compose-file.ts";

/** The policy file that a sidecar of the composition is started with, as it is parsed; undefined: it is no sidecar. */
export function policyOf({
  command,
  folder,
}: ComposeService): { readonly file: string; readonly policy: unknown } | undefined {
  const file = command.at(-1);
  if (folder === undefined || file?.endsWith(".yaml") !== true) return undefined;
  return { file, policy: parse(readFileSync(join(folder, file), "utf8")) };
}

/** What an address is replaced by. @param network whose 127.0.0.1 it would be, or the name of the service that it names */
export type Place = (network: string, port: number) => string;

/**
 * A value with every address in its texts replaced, `HOST:PORT` alone or in a URL, and every `address` that is a
 * service's name.
 *
 * @param network of the process that reads it
 */
export function withAddresses(value: unknown, network: string, names: ReadonlySet<string>, place: Place): unknown {
  if (typeof value === "string") return placed(value, network, names, place);
  if (Array.isArray(value)) return value.map((item) => withAddresses(item, network, names, place));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => [
      key,
      key === "address" && typeof inner === "string" && names.has(inner)
        ? "127.0.0.1"
        : withAddresses(inner, network, names, place),
    ]),
  );
}

function placed(text: string, network: string, names: ReadonlySet<string>, place: Place): string {
  return text.replace(/(^|\/\/)([\w.-]+):(\d+)(?=$|\/)/g, (whole, before: string, host: string, port: string) => {
    if (host === "127.0.0.1" || host === "0.0.0.0") return before + place(network, Number(port));
    return names.has(host) ? before + place(host, Number(port)) : whole;
  });
}

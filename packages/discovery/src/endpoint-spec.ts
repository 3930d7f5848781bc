import { endpoint } from "@weft/core";
import type { Endpoint } from "@weft/core";

/** An endpoint as people write it: `10.0.0.1:80`, `[::1]:80`, `db.local:80`, or the fields by name. */
export type EndpointSpec = string | (Pick<Endpoint, "host" | "port"> & Partial<Endpoint>);

/**
 * Reads a list of endpoints that came from outside: code, or a file.
 *
 * @param where stands before each mistake: `services.orders`
 * @returns the endpoints, and every mistake found, each with its place, the value and what is allowed
 */
export function parseEndpoints(list: unknown, where: string): { endpoints: Endpoint[]; mistakes: string[] } {
  if (!Array.isArray(list)) {
    return { endpoints: [], mistakes: [`${where}: ${show(list)} is not a list of endpoints`] };
  }
  const endpoints = new Map<string, Endpoint>();
  const mistakes: string[] = [];
  list.forEach((item: unknown, at) => {
    try {
      const read = parseEndpoint(item);
      if (endpoints.has(read.id)) mistakes.push(`${where}[${at}]: ${read.id} is listed twice`);
      else endpoints.set(read.id, read);
    } catch (error) {
      mistakes.push(`${where}[${at}]: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  return { endpoints: [...endpoints.values()], mistakes };
}

/** @throws Error that says what is wrong with the value */
function parseEndpoint(item: unknown): Endpoint {
  if (typeof item === "string") return endpoint(parseAuthority(item));
  if (!isRecord(item)) throw new Error(`${show(item)} is neither "host:port" nor { host, port }`);
  const { id, host, port, weight, state, locality, meta, tags } = item;
  if (typeof host !== "string") throw new Error(`host ${show(host)} is not a text`);
  if (typeof port !== "number") throw new Error(`port ${show(port)} is not a number`);
  if (id !== undefined && (typeof id !== "string" || id === "")) throw new Error(`id ${show(id)} is not a text`);
  if (weight !== undefined && typeof weight !== "number") throw new Error(`weight ${show(weight)} is not a number`);
  if (state !== undefined && state !== "passing" && state !== "failing" && state !== "draining") {
    throw new Error(`state ${show(state)} is none of "passing", "failing", "draining"`);
  }
  return endpoint({
    host: unbracketed(host),
    port,
    ...(id === undefined ? {} : { id }),
    ...(weight === undefined ? {} : { weight }),
    ...(state === undefined ? {} : { state }),
    ...(isRecord(locality) ? { locality: texts(locality) } : {}),
    ...(isRecord(meta) ? { meta: texts(meta) } : {}),
    ...(Array.isArray(tags) ? { tags: tags.filter((tag) => typeof tag === "string") } : {}),
  });
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The entries whose value is a text. */
export function texts(record: Readonly<Record<string, unknown>>): Record<string, string> {
  const kept: Record<string, string> = {};
  // Not assigned, because `__proto__` is a name like any other in a registry's answer.
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === "string") Object.defineProperty(kept, name, { value, enumerable: true });
  }
  return kept;
}

/** A value of any kind, short enough for a message. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function parseAuthority(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:\s/]+)):(\d{1,5})$/.exec(text);
  if (match === null) throw new Error(`${show(text)} is not "host:port" (IPv6: "[::1]:80")`);
  return { host: match[1] ?? match[2] ?? "", port: Number(match[3]) };
}

function unbracketed(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

import type { Dispatcher } from "../undici.ts";
import { FieldLines } from "./field-lines.ts";
import { watched } from "./watched.ts";

type DispatchOptions = Dispatcher.DispatchOptions;

/** A request that needs nothing of undici, as it goes over the wire. */
export interface PlainRequest {
  readonly method: string;
  /** Start line, fields and empty line; a character for each byte. */
  readonly head: string;
  readonly body: Buffer | undefined;
}

/**
 * The methods written here, and whether a body comes with them, so that it is said when there is none. HEAD is left to
 * undici, which lets nothing follow on its connection: some endpoints answer it with a body.
 */
const HAS_BODY: ReadonlyMap<string, boolean> = new Map([
  ["GET", false],
  ["POST", true],
  ["PUT", true],
  ["PATCH", true],
  ["DELETE", false],
  ["OPTIONS", false],
]);

const NOT_IN_PATHS = /[^\u0021-\u00ff]/;

/**
 * Writes a request that is like most: a usual method, headers that are texts, no body or one that is here.
 *
 * It never judges: whatever is unusual, wrong or unknown is left to undici, which sends it, or says in its own words what
 * is wrong with it. What is written is what undici would write, byte for byte.
 *
 * @param headers   instead of those in the options
 * @param authority what Host says where the headers do not
 * @returns undefined when undici must send it
 */
export function plainRequest(
  options: DispatchOptions,
  headers: DispatchOptions["headers"],
  authority: string,
): PlainRequest | undefined {
  const { method, path } = options;
  const hasBody = HAS_BODY.get(method);
  if (hasBody === undefined || hasRareOption(options) || watched()) return undefined;
  if (typeof path !== "string" || path[0] !== "/" || NOT_IN_PATHS.test(path)) return undefined;
  const fields = new FieldLines();
  const body = plainBody(options.body);
  if (body === null || (body !== undefined && !hasBody) || !fields.read(headers)) return undefined;
  const { host, lines, contentLength } = fields;
  const length = body?.length ?? 0;
  if (contentLength >= 0 && contentLength !== length) return undefined;
  const framing = hasBody ? `content-length: ${length}\r\n` : "";
  const head = `${method} ${path} HTTP/1.1\r\nhost: ${host === "" ? authority : host}\r\nconnection: keep-alive\r\n${lines}${framing}\r\n`;
  return { method, head, body };
}

/** Options that ask more of undici than to send a request; some of them undici refuses. */
const RARE = [
  "query",
  "upgrade",
  "headersTimeout",
  "bodyTimeout",
  "reset",
  "expectContinue",
  "typeOfService",
  "servername",
  "throwOnError",
  "maxRedirections",
] as const satisfies readonly string[];

function hasRareOption(options: DispatchOptions): boolean {
  for (const name of RARE) {
    const value: unknown = (options as unknown as Readonly<Record<string, unknown>>)[name]; // some are in no type
    // undici's own fetch says 0 of redirects, which is what everybody else says by nothing.
    if (value !== undefined && value !== null && !(value === 0 && name === "maxRedirections")) return true;
  }
  return false;
}

/** @returns undefined: there is none; null: undici must look at it */
function plainBody(body: unknown): Buffer | undefined | null {
  if (body === undefined || body === null || body === "") return undefined;
  if (typeof body === "string") return Buffer.from(body);
  if (!(body instanceof Uint8Array)) return null;
  if (body.length === 0) return undefined;
  return Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.length);
}

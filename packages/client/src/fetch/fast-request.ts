import { Buffer } from "node:buffer";
import { types } from "node:util";
import type { DefaultHeaders } from "./default-headers.ts";
import { isPlain, plainHeaders } from "./plain-headers.ts";

type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

/** A request that needs nothing of fetch but its defaults. Nothing in it belongs to the caller any more. */
export interface FastRequest {
  /** As `response.url` shows it: without fragment. */
  readonly url: string;
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  readonly method: Method;
  /** As sent: first the caller's, `ownHeaders` of them, then those that fetch adds. */
  readonly headers: Record<string, string>;
  readonly ownHeaders: number;
  readonly body: string | Buffer | null;
  readonly signal: AbortSignal | undefined;
}

export interface FastRequestPorts {
  readonly owns: (url: URL) => boolean;
  readonly defaults: (origin: string) => DefaultHeaders | undefined;
}

/** What fetch makes of a method, where it needs no thought. `patch` is not here: it stays `patch`, and warns. */
const METHODS = new Map<unknown, Method>([
  ...(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const).map((name) => [name, name] as const),
  ...(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"] as const).map((name) => [name.toLowerCase(), name] as const),
  [undefined, "GET"],
]);

/** Members of `init` that change nothing when they have this value, or are undefined. */
const HARMLESS: Readonly<Record<string, unknown>> = {
  redirect: "follow",
  cache: "default",
  credentials: "same-origin",
  mode: "cors",
  keepalive: false,
  duplex: "half",
  integrity: null,
  referrer: undefined,
  referrerPolicy: undefined,
  priority: undefined,
  dispatcher: undefined,
};

/**
 * Recognises a request that the fast path serves exactly as fetch would.
 *
 * It never judges: whatever is unusual, wrong or unknown is left to the built-in fetch, which then says so in its own
 * words. So this reads as a list of what is common.
 *
 * @returns undefined when the built-in fetch must serve this call
 */
export function fastRequest(input: unknown, init: unknown, ports: FastRequestPorts): FastRequest | undefined {
  const options = plainInit(init);
  if (options === undefined) return undefined;
  const url = typeof input === "string" ? URL.parse(input) : input instanceof URL ? input : null;
  if (url === null || !isOrdinary(url)) return undefined;
  const method = METHODS.get(options["method"]);
  if (method === undefined) return undefined;
  const signal = options["signal"] ?? undefined;
  if (signal !== undefined && (!(signal instanceof AbortSignal) || signal.aborted)) return undefined;
  const body = plainBody(options["body"], method);
  if (body === undefined) return undefined;
  const given = options["headers"];
  const own = given === undefined ? NO_HEADERS : plainHeaders(given);
  if (own === undefined || !ports.owns(url)) return undefined;
  const { origin } = url;
  const defaults = ports.defaults(origin);
  if (defaults === undefined) return undefined;

  const headers: Record<string, string> = { ...own.record };
  let ownHeaders = own.names.size;
  if (body.type !== undefined && !own.names.has("content-type")) {
    headers["content-type"] = body.type;
    ownHeaders++;
  }
  for (const [name, value] of defaults.beforeLength) if (!own.names.has(name)) headers[name] = value;
  if (body.length !== undefined) headers["content-length"] = String(body.length);
  for (const [name, value] of defaults.afterLength) if (!own.names.has(name)) headers[name] = value;

  const { href, hash } = url;
  const shown = hash === "" ? href : href.slice(0, -hash.length);
  // Not pathname and search: a lone "?" at the end shows in neither, but is sent.
  const path = shown.slice(origin.length);
  return { url: shown, origin, path, method, headers, ownHeaders, body: body.bytes, signal };
}

const NO_HEADERS = { record: {}, names: new Set<string>() };
const NO_INIT: Readonly<Record<string, unknown>> = {};

function plainInit(init: unknown): Readonly<Record<string, unknown>> | undefined {
  if (init === undefined || init === null) return NO_INIT;
  if (typeof init !== "object" || !isPlain(init) || "window" in init) return undefined;
  // An object literal can be read by any key.
  const options = init as Readonly<Record<string, unknown>>;
  for (const key in HARMLESS) {
    const value = options[key];
    if (value !== undefined && value !== HARMLESS[key]) return undefined;
  }
  return options;
}

function isOrdinary(url: URL): boolean {
  if (url.protocol !== "http:" && url.protocol !== "https:") return false;
  // Fetch has rules of its own for a lone "#" at the end.
  return url.username === "" && url.password === "" && !url.href.endsWith("#");
}

interface PlainBody {
  readonly bytes: string | Buffer | null;
  readonly length?: number;
  readonly type?: string;
}

const EMPTY: PlainBody = { bytes: null };
const EMPTY_WITH_LENGTH: PlainBody = { bytes: null, length: 0 };

function plainBody(body: unknown, method: Method): PlainBody | undefined {
  if (body === undefined || body === null) return method === "POST" || method === "PUT" ? EMPTY_WITH_LENGTH : EMPTY;
  if (method === "GET" || method === "HEAD" || body === "") return undefined;
  if (typeof body === "string") return text(body, "text/plain;charset=UTF-8");
  if (body instanceof URLSearchParams) {
    const query = body.toString();
    return query === "" ? undefined : text(query, "application/x-www-form-urlencoded;charset=UTF-8");
  }
  const bytes = copyOf(body);
  return bytes === undefined || bytes.length === 0 ? undefined : { bytes, length: bytes.length };
}

function text(body: string, type: string): PlainBody {
  return { bytes: body, length: Buffer.byteLength(body), type };
}

/** The caller may change the bytes as soon as fetch has returned. */
function copyOf(body: unknown): Buffer | undefined {
  // One without a byte may be detached, and could not be read.
  if (types.isArrayBuffer(body)) return body.byteLength === 0 ? undefined : Buffer.from(new Uint8Array(body));
  if (!ArrayBuffer.isView(body) || body.byteLength === 0 || !types.isArrayBuffer(body.buffer)) return undefined;
  return Buffer.from(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
}

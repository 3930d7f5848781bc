import type { ByteReader } from "./byte-reader.ts";

/** A request as it came off the wire. */
export interface WireRequest {
  readonly method: string;
  /** The request target as sent, with its query. */
  readonly path: string;
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  readonly minor: number;
  /** Names in lower case; several lines of one name are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A request that a fake endpoint has read to its end. */
export interface SeenRequest extends WireRequest {
  /** Which request of this endpoint, from 1. */
  readonly number: number;
  /** Which connection of this endpoint it came on, from 1. */
  readonly connection: number;
}

export type ReadResult =
  | { readonly kind: "request"; readonly request: WireRequest }
  /** The connection ended before the request did. */
  | { readonly kind: "ended" }
  /** The bytes are no request that can be answered; the message says why. */
  | { readonly kind: "malformed"; readonly why: string };

const MAX_LINE_BYTES = 65_536;
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/1\.([01])$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;

/**
 * Reads one HTTP/1.1 request with its body, by content-length or in chunks.
 *
 * @param onExpect called when the client waits for `100 Continue` before it sends the body
 */
export async function readRequest(bytes: ByteReader, onExpect: () => void): Promise<ReadResult> {
  try {
    const [, method = "", path = "", minor = ""] = parse(REQUEST_LINE, await readLine(bytes));
    const headers = await readHeaders(bytes);
    if (headers["expect"]?.toLowerCase() === "100-continue") onExpect();
    const body = await readBody(bytes, headers);
    return { kind: "request", request: { method, path, minor: Number(minor), headers, body } };
  } catch (error) {
    if (error instanceof Ended) return { kind: "ended" };
    if (error instanceof Malformed) return { kind: "malformed", why: error.message };
    throw error;
  }
}

class Ended extends Error {}
class Malformed extends Error {}

async function readHeaders(bytes: ByteReader): Promise<Record<string, string>> {
  // No prototype: a header may be called `constructor`.
  const headers: Record<string, string> = Object.create(null);
  for (let line = await readLine(bytes); line !== ""; line = await readLine(bytes)) {
    const [, name = "", value = ""] = parse(HEADER_LINE, line);
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  return headers;
}

async function readBody(bytes: ByteReader, headers: Readonly<Record<string, string>>): Promise<Buffer> {
  const coding = headers["transfer-encoding"];
  const length = headers["content-length"];
  if (coding !== undefined) {
    if (length !== undefined) throw new Malformed("both transfer-encoding and content-length");
    if (coding.toLowerCase() !== "chunked") throw new Malformed(`transfer-encoding ${coding}`);
    return readChunks(bytes);
  }
  if (length === undefined) return Buffer.alloc(0);
  parse(/^\d{1,15}$/, length);
  return readExactly(bytes, Number(length));
}

async function readChunks(bytes: ByteReader): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const [, digits = ""] = parse(/^([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?$/, await readLine(bytes));
    const size = Number.parseInt(digits, 16);
    if (size === 0) break;
    chunks.push(await readExactly(bytes, size));
    parse(/^$/, await readLine(bytes));
  }
  await readHeaders(bytes); // trailers
  return Buffer.concat(chunks);
}

async function readLine(bytes: ByteReader): Promise<string> {
  const line = await bytes.line(MAX_LINE_BYTES);
  if (line === undefined) {
    if (await bytes.exactly(MAX_LINE_BYTES)) throw new Malformed(`a line of over ${MAX_LINE_BYTES} bytes`);
    throw new Ended();
  }
  return line;
}

async function readExactly(bytes: ByteReader, count: number): Promise<Buffer> {
  const read = await bytes.exactly(count);
  if (read === undefined) throw new Ended();
  return read;
}

function parse(pattern: RegExp, text: string): RegExpExecArray {
  const match = pattern.exec(text);
  if (match === null) throw new Malformed(`unreadable: ${JSON.stringify(text.slice(0, 200))}`);
  return match;
}

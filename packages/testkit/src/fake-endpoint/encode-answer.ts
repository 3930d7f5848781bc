import { STATUS_CODES } from "node:http";
import type { Answer, Echo } from "./behaviour.ts";
import type { SeenRequest } from "./read-request.ts";

/** An answer's bytes, cut where an endpoint may go wrong. */
export interface EncodedAnswer {
  /** The informational responses, each with its blank line. Empty when there are none. */
  readonly before: string;
  readonly head: string;
  /** The first half of the body as it goes over the wire; in chunks, one whole chunk. */
  readonly firstHalf: Buffer;
  readonly secondHalf: Buffer;
  /** Whether the connection ends with this answer, because either side said so. */
  readonly last: boolean;
}

/** @param endpoint name of the endpoint, sent as `x-fake-endpoint` */
export function encodeAnswer(answer: Answer, request: SeenRequest, endpoint: string): EncodedAnswer {
  const { status = 200, headers = {}, informational = [] } = answer;
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const body = withoutBody(status) ? undefined : bodyOf(answer, request, endpoint);
  const last = saysClose(given.get("connection")) || wantsClose(request);

  const extra: [string, string][] = [["x-fake-endpoint", endpoint]];
  if (body !== undefined && answer.body === undefined) extra.push(["content-type", "application/json"]);
  if (answer.chunked === true && body !== undefined) extra.push(["transfer-encoding", "chunked"]);
  else if (body !== undefined) extra.push(["content-length", String(body.length)]);
  if (last) extra.push(["connection", "close"]);
  const framing = extra.filter(([name]) => !given.has(name));

  const silent = body === undefined || request.method === "HEAD";
  const sent = silent ? Buffer.alloc(0) : body;
  const middle = Math.floor(sent.length / 2);
  const inChunks = answer.chunked === true && !silent;
  const [first, second] = [sent.subarray(0, middle), sent.subarray(middle)];
  return {
    before: informational.map((each) => headOf(each.status ?? 100, Object.entries(each.headers ?? {}))).join(""),
    head: headOf(status, [...Object.entries(headers), ...framing]),
    firstHalf: inChunks ? chunk(first) : first,
    secondHalf: inChunks ? Buffer.concat([chunk(second), LAST_CHUNK]) : second,
    last,
  };
}

const LAST_CHUNK = Buffer.from("0\r\n\r\n");

function chunk(bytes: Buffer): Buffer {
  if (bytes.length === 0) return bytes; // a chunk of no bytes would end the body
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

function headOf(status: number, headers: readonly (readonly [string, string | readonly string[]])[]): string {
  const lines = headers.flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}\r\n`));
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unnamed"}\r\n${lines.join("")}\r\n`;
}

function bodyOf({ body }: Answer, request: SeenRequest, endpoint: string): Buffer {
  if (body !== undefined) return Buffer.from(body);
  const { method, path, headers, connection, number } = request;
  const echo: Echo = { endpoint, method, path, headers, body: request.body.toString(), connection, request: number };
  return Buffer.from(JSON.stringify(echo));
}

function withoutBody(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

function wantsClose({ headers, minor }: SeenRequest): boolean {
  const connection = headers["connection"]?.toLowerCase() ?? "";
  return minor === 0 ? !connection.includes("keep-alive") : saysClose(connection);
}

function saysClose(connection: string | readonly string[] | undefined): boolean {
  return String(connection).toLowerCase().includes("close");
}

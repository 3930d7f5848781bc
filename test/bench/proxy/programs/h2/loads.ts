import { createHash } from "node:crypto";
import type { Caller, Sent } from "./caller.ts";
import { type Field, field, type FieldWriter, unindexed } from "./field-writer.ts";

/** What a client of HTTP/2 sends, again and again. */
export interface Http2Load {
  send(caller: Caller): Sent;
  /** Whether the frames of the answer are those of a success. An answer of the proxy's own has others. */
  answers(sent: Sent): boolean;
}

const PREFIX_BYTES = 5; // of a gRPC message: not compressed, and its length in four
const MOST_BYTES = 200;
const FIXED_BYTES = 105; // as h2load is given
const GET_BYTES = 1024;

const GET = field(":method", "GET");
const POST = field(":method", "POST");
const HTTP = field(":scheme", "http");
const AUTHORITY = field(":authority", "bench");
const FILE = field(":path", "/1k");
const METHOD = field(":path", "/shop.Orders/Get");
const AGENT = field("user-agent", "bench");
const TYPE = field("content-type", "application/grpc");
const TRAILERS = field("te", "trailers");

/** Their names are arguments of the programs. */
const LOADS: Readonly<Record<string, Http2Load>> = {
  /** `GET /1k`. */
  get: {
    send: (caller) => caller.send(startOf(caller, GET).field(FILE).field(AGENT).end(), undefined),
    answers: ({ blocks, gotBytes }) => blocks === 1 && gotBytes === GET_BYTES,
  },
  /** The same unary call each time. */
  grpc: {
    send: (caller) => caller.send(restOf(startOf(caller, POST).field(METHOD)).end(), MESSAGES[FIXED_BYTES]),
    answers: isUnary,
  },
  /**
   * Each call with another path, traceparent and size; no two calls have all the same. The trace goes into the header table, as nghttp2, grpc-go
   * and Netty do it, and the path does not, as nghttp2 does it: all other entries are pushed out every 40 calls.
   */
  "grpc-changing": {
    send: (caller) => caller.send(changing(caller).field(nextOf(TRACES)).end(), MESSAGES[nextOf(SIZES)]),
    answers: isUnary,
  },
  /** The same from a client that keeps the trace out of the table. */
  "grpc-literal": {
    send: (caller) => caller.send(changing(caller).field(nextOf(LITERAL_TRACES)).end(), MESSAGES[nextOf(SIZES)]),
    answers: isUnary,
  },
};

/** What an answer is that should have been another one, in words. */
export function describe({ id, blocks, gotBytes }: Sent, last: Buffer): string {
  return `stream ${id}: ${blocks} header blocks, ${gotBytes} bytes: ${JSON.stringify(last.toString("latin1", 0, 400))}`;
}

/** @throws Error when there is none of that name */
export function loadOf(name = ""): Http2Load {
  const load = LOADS[name];
  if (load === undefined) throw new Error(`no load ${name}`);
  return load;
}

function isUnary({ blocks, gotBytes, sentBytes }: Sent): boolean {
  return blocks === 2 && gotBytes === sentBytes;
}

function startOf({ fields }: Caller, method: Field): FieldWriter {
  return fields.begin().field(method).field(HTTP).field(AUTHORITY);
}

function restOf(fields: FieldWriter): FieldWriter {
  return fields.field(AGENT).field(TYPE).field(TRAILERS);
}

function changing(caller: Caller): FieldWriter {
  return restOf(startOf(caller, POST).field(nextOf(PATHS)));
}

interface Cycle<T> {
  readonly all: readonly T[];
  next: number;
}

/** Their lengths have no common divisor: after the product of all, which is 1.8 billion, things come again. */
const PATHS = cycle(2_003, (i) => unindexed(":path", `/shop.Orders/Get/${i}`));
const TRACES = cycle(4_591, (i) => field("traceparent", trace(i)));
const LITERAL_TRACES = cycle(4_591, (i) => unindexed("traceparent", trace(i)));
const SIZES = cycle(MOST_BYTES - PREFIX_BYTES + 1, (i) => PREFIX_BYTES + ((i * 71) % 196)); // each once, none by its neighbour

/** Made before the first call, so that the client costs little. */
function cycle<T>(length: number, make: (i: number) => T): Cycle<T> {
  return { all: Array.from({ length }, (_, i) => make(i)), next: 0 };
}

function nextOf<T>(cycle: Cycle<T>): T {
  if (cycle.next === cycle.all.length) cycle.next = 0;
  return cycle.all[cycle.next++]!;
}

function trace(i: number): string {
  const digits = createHash("sha256").update(String(i)).digest("hex");
  return `00-${digits.slice(0, 32)}-${digits.slice(32, 48)}-01`;
}

const MESSAGES = Array.from({ length: MOST_BYTES + 1 }, (_, bytes) => messageOf(bytes));

function messageOf(bytes: number): Buffer {
  const made = Buffer.alloc(bytes, "m");
  if (bytes < PREFIX_BYTES) return made;
  made[0] = 0;
  made.writeUInt32BE(bytes - PREFIX_BYTES, 1);
  return made;
}

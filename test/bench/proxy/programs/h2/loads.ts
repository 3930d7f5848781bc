import type { Caller, Sent } from "./caller.ts";
import { field, type FieldWriter } from "./field-writer.ts";

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
   * Each call with a path, a traceparent and a size of its own. The trace goes into the header table, as nghttp2, grpc-go
   * and Netty do it, and the path does not, as nghttp2 does it: all other entries are pushed out every 40 calls.
   */
  "grpc-changing": {
    send: (caller) => caller.send(changing(caller).churn("traceparent", nextTrace()).end(), MESSAGES[nextSize()]),
    answers: isUnary,
  },
  /** The same from a client that keeps the trace out of the table. */
  "grpc-literal": {
    send: (caller) => caller.send(changing(caller).once("traceparent", nextTrace()).end(), MESSAGES[nextSize()]),
    answers: isUnary,
  },
};

/** @throws Error when there is none of that name */
export function loadOf(name = ""): Http2Load {
  const load = LOADS[name];
  if (load === undefined) throw new Error(`no load ${name}`);
  return load;
}

function isUnary({ blocks, gotBytes, sentBytes }: Sent): boolean {
  return blocks === 2 && gotBytes === sentBytes;
}

function startOf({ fields }: Caller, method: typeof GET): FieldWriter {
  return fields.begin().field(method).field(HTTP).field(AUTHORITY);
}

function restOf(fields: FieldWriter): FieldWriter {
  return fields.field(AGENT).field(TYPE).field(TRAILERS);
}

function changing(caller: Caller): FieldWriter {
  return restOf(startOf(caller, POST).once(":path", `/shop.Orders/Get/${calls++}`));
}

let calls = 0;
let size = PREFIX_BYTES;

/** Every size from 5 to 200, in an order without neighbours. */
function nextSize(): number {
  const sizes = MOST_BYTES - PREFIX_BYTES + 1;
  size = PREFIX_BYTES + ((size - PREFIX_BYTES + 71) % sizes); // 71 and 196 have no common divisor
  return size;
}

/** As random as it has to be: no two in a run are the same. */
function nextTrace(): string {
  const a = hex();
  const b = hex();
  return `00-${a}${b}${b}${a}-${b}${a}-01`;
}

let seed = 7;

const FOUR_DIGITS = Array.from({ length: 65_536 }, (_, number) => number.toString(16).padStart(4, "0"));

/** Eight digits, of a xorshift. */
function hex(): string {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return FOUR_DIGITS[seed >>> 16]! + FOUR_DIGITS[seed & 0xffff]!;
}

const MESSAGES = Array.from({ length: MOST_BYTES + 1 }, (_, bytes) => messageOf(bytes));

function messageOf(bytes: number): Buffer {
  const made = Buffer.alloc(bytes, "m");
  if (bytes < PREFIX_BYTES) return made;
  made[0] = 0;
  made.writeUInt32BE(bytes - PREFIX_BYTES, 1);
  return made;
}

import { readBlock, type FieldReader } from "./read-block.ts";

// Written and read here by the letter of RFC 9113, and not by the engine's own tables: what is tested must not grade
// itself. Everything may be built, valid or not.

/** Types of frames. Source: RFC 9113 6, RFC 9218 7.1. */
export const TYPE = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
  PRIORITY_UPDATE: 16,
} as const;

/** Bits of flags. */
export const FLAGS = { END_STREAM: 1, ACK: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 32 } as const;

/** Codes of errors, by their names. Source: RFC 9113 7. */
export const CODES = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
} as const;
export type Code = keyof typeof CODES;

/** Settings by their names. Source: RFC 9113 6.5.2, RFC 8441 3, RFC 9218 2.1. */
export const SETTING = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
  ENABLE_CONNECT_PROTOCOL: 8,
  NO_RFC7540_PRIORITIES: 9,
} as const;

/** What a client sends first. Source: RFC 9113 3.4. */
export const PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** A frame as it came. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
  /** Of a HEADERS frame whose block is complete: its fields, decoded. */
  fields: readonly (readonly [name: string, value: string])[] | undefined;
}

/** @param length what the head says; default: the truth */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array | string = "",
  length?: number,
): Buffer {
  const body = typeof payload === "string" ? Buffer.from(payload, "latin1") : payload;
  const bytes = Buffer.alloc(9 + body.length);
  bytes.writeUIntBE(length ?? body.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(body, 9);
  return bytes;
}

export interface DataOptions {
  readonly end?: boolean;
  /** Bytes of padding; 0 is a padding of none with its length byte. Default: not padded. */
  readonly pad?: number;
  readonly flags?: number;
}

export function data(stream: number, content: Uint8Array | string = "", options: DataOptions = {}): Buffer {
  const { pad, end = false } = options;
  const flags = (options.flags ?? 0) | (end ? FLAGS.END_STREAM : 0) | (pad === undefined ? 0 : FLAGS.PADDED);
  return frame(TYPE.DATA, flags, stream, padded(bytesOf(content), pad));
}

export interface HeadersOptions extends DataOptions {
  /** False: CONTINUATION is to follow. Default true. */
  readonly endHeaders?: boolean;
  /** Priority as RFC 7540 had it. */
  readonly priority?: { readonly dependsOn: number; readonly weight: number; readonly exclusive: boolean };
}

export function headers(stream: number, block: Uint8Array, options: HeadersOptions = {}): Buffer {
  const { end = false, endHeaders = true, pad, priority } = options;
  const flags =
    (options.flags ?? 0) |
    (end ? FLAGS.END_STREAM : 0) |
    (endHeaders ? FLAGS.END_HEADERS : 0) |
    (pad === undefined ? 0 : FLAGS.PADDED) |
    (priority === undefined ? 0 : FLAGS.PRIORITY);
  const first = priority === undefined ? Buffer.alloc(0) : priorityPayload(priority);
  return frame(TYPE.HEADERS, flags, stream, padded(Buffer.concat([first, block]), pad));
}

export function continuation(stream: number, block: Uint8Array = Buffer.alloc(0), endHeaders = true): Buffer {
  return frame(TYPE.CONTINUATION, endHeaders ? FLAGS.END_HEADERS : 0, stream, block);
}

export function priority(stream: number, dependsOn = 0, weight = 15, exclusive = false): Buffer {
  return frame(TYPE.PRIORITY, 0, stream, priorityPayload({ dependsOn, weight, exclusive }));
}

export function reset(stream: number, code: number = CODES.CANCEL): Buffer {
  return frame(TYPE.RST_STREAM, 0, stream, uint32(code));
}

export type Setting = readonly [id: number, value: number];

export function settings(...pairs: readonly Setting[]): Buffer {
  const payload = Buffer.alloc(6 * pairs.length);
  for (const [i, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, 6 * i);
    payload.writeUInt32BE(value, 6 * i + 2);
  }
  return frame(TYPE.SETTINGS, 0, 0, payload);
}

export function settingsAck(): Buffer {
  return frame(TYPE.SETTINGS, FLAGS.ACK, 0);
}

export function pushPromise(stream: number, promised: number, block: Uint8Array, endHeaders = true): Buffer {
  return frame(TYPE.PUSH_PROMISE, endHeaders ? FLAGS.END_HEADERS : 0, stream, Buffer.concat([uint32(promised), block]));
}

/** @param text eight characters */
export function ping(text = "weftping", ack = false): Buffer {
  return frame(TYPE.PING, ack ? FLAGS.ACK : 0, 0, text);
}

export function goaway(last: number, code: number = CODES.NO_ERROR, debug = ""): Buffer {
  return frame(TYPE.GOAWAY, 0, 0, Buffer.concat([uint32(last), uint32(code), Buffer.from(debug, "latin1")]));
}

export function windowUpdate(stream: number, increment: number): Buffer {
  return frame(TYPE.WINDOW_UPDATE, 0, stream, uint32(increment));
}

/** The code's name; the number when it has none. */
function codeName(code: number): string {
  return Object.entries(CODES).find(([, value]) => value === code)?.[0] ?? String(code);
}

/** The code that RST_STREAM or GOAWAY carries, by its name. */
export function codeOf({ type, payload }: Frame): string {
  return codeName(payload.readUInt32BE(type === TYPE.GOAWAY ? 4 : 0));
}

/** A frame in a word or two, for messages of tests. */
export function inWords(one: Frame): string {
  const name = Object.entries(TYPE).find(([, type]) => type === one.type)?.[0] ?? `type ${one.type}`;
  const code = one.type === TYPE.RST_STREAM || one.type === TYPE.GOAWAY ? ` ${codeOf(one)}` : "";
  const debug = one.type === TYPE.GOAWAY ? ` ${JSON.stringify(one.payload.toString("latin1", 8))}` : "";
  const fields = one.fields === undefined ? "" : ` ${JSON.stringify(one.fields)}`;
  return `${name}(flags ${one.flags}, stream ${one.stream}, ${one.payload.length} bytes)${code}${debug}${fields}`;
}

/** Content without the padding of a DATA frame. */
export function contentOf({ flags, payload }: Frame): Buffer {
  return (flags & FLAGS.PADDED) === 0 ? payload : payload.subarray(1, payload.length - payload[0]!);
}

/** Cuts what comes into frames, and decodes the blocks of HEADERS in their order. */
export class FrameCutter {
  readonly #fields: FieldReader;
  readonly #unreadable: "throw" | "leave what cannot be read";
  #held: Buffer = Buffer.alloc(0);
  #open: { readonly frame: Frame; block: Buffer } | undefined = undefined;

  constructor(fields: FieldReader, unreadable: "throw" | "leave what cannot be read" = "throw") {
    this.#fields = fields;
    this.#unreadable = unreadable;
  }

  /** @returns the frames that are whole now */
  push(bytes: Uint8Array): Frame[] {
    this.#held = Buffer.concat([this.#held, bytes]);
    const frames: Frame[] = [];
    let at = 0;
    for (; this.#held.length - at >= 9;) {
      const end = at + 9 + this.#held.readUIntBE(at, 3);
      if (end > this.#held.length) break;
      const one: Frame = {
        type: this.#held[at + 3]!,
        flags: this.#held[at + 4]!,
        stream: this.#held.readUInt32BE(at + 5),
        payload: ownCopy(this.#held, at + 9, end),
        fields: undefined,
      };
      this.#block(one);
      frames.push(one);
      at = end;
    }
    this.#held = this.#held.subarray(at);
    return frames;
  }

  #block(one: Frame): void {
    if (one.type === TYPE.HEADERS) this.#open = { frame: one, block: fragmentOf(one) };
    else if (one.type === TYPE.CONTINUATION && this.#open !== undefined) {
      this.#open.block = Buffer.concat([this.#open.block, one.payload]);
    } else return;
    if ((one.flags & FLAGS.END_HEADERS) === 0 || this.#open === undefined) return;
    const { frame: first, block } = this.#open;
    this.#open = undefined;
    try {
      first.fields = readBlock(this.#fields, block);
    } catch (error) {
      if (this.#unreadable === "throw") throw error;
    }
  }
}

function fragmentOf({ flags, payload }: Frame): Buffer {
  const pad = (flags & FLAGS.PADDED) === 0 ? 0 : payload[0]!;
  const from = ((flags & FLAGS.PADDED) === 0 ? 0 : 1) + ((flags & FLAGS.PRIORITY) === 0 ? 0 : 5);
  return payload.subarray(from, payload.length - pad);
}

/** A frame that is kept must not keep the pool that its bytes came in: tests look at memory. */
function ownCopy(bytes: Buffer, from: number, to: number): Buffer {
  const own = Buffer.alloc(to - from);
  bytes.copy(own, 0, from, to);
  return own;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function priorityPayload(one: NonNullable<HeadersOptions["priority"]>): Buffer {
  return Buffer.concat([uint32(one.dependsOn + (one.exclusive ? 2 ** 31 : 0)), Buffer.of(one.weight)]);
}

function padded(content: Buffer, pad: number | undefined): Buffer {
  return pad === undefined ? content : Buffer.concat([Buffer.of(pad), content, Buffer.alloc(pad)]);
}

function bytesOf(content: Uint8Array | string): Buffer {
  return typeof content === "string" ? Buffer.from(content, "latin1") : Buffer.from(content);
}

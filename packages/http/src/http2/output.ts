import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { writeLatin1 } from "../head/latin1.ts";
import { sendTurn, writeNow } from "../wire/write-together.ts";
import { coalescing } from "./coalescing.ts";
import { FRAME, FRAME_HEAD } from "./frame.ts";

/** Frames of one turn are gathered up to that size, and leave in one write. */
const BUFFER_BYTES = 64 * 1024;
/** Buffers kept for the next turn. */
const MOST_SPARE = 32;
/** With more than that unsent, the peer does not read: its streams wait. */
const CLOGGED_BYTES = 256 * 1024;

const spare: Buffer[] = [];

// All connections that have something to send are flushed together, behind the reads of this turn. Measured: a flush by
// microtask or nextTick costs half as much again, for fewer frames share a write.
let dirty: Output[] = [];

function flushAll(): void {
  const due = dirty;
  dirty = [];
  let heads = 0;
  for (const output of due) {
    heads += output.heads;
    output.flush();
  }
  if (coalescing === undefined) return;
  sendTurn(); // what goes by HTTP/1.1 waits for nothing
  coalescing.ended(heads);
}

function keep(buffer: Buffer): void {
  if (spare.length < MOST_SPARE) spare.push(buffer);
}

/** What goes to a peer: frames are written into one buffer, which leaves when the turn ends. */
export class Output {
  /** Grows with each flush: a frame written in the same epoch has not left yet. */
  epoch = 0;
  /** Heads of messages that have been written and have not left. */
  heads = 0;
  readonly #socket: Socket;
  readonly #encrypted: boolean;
  #buffer: Buffer | undefined = undefined;
  #at = 0;
  #scheduled = false;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#encrypted = socket instanceof TLSSocket;
  }

  /** Bytes that have been written and have not left. */
  get unsent(): number {
    return this.#socket.writableLength + this.#at;
  }

  /** Whether the peer takes so little that no more should be made for it. */
  get clogged(): boolean {
    return this.#socket.writableLength > CLOGGED_BYTES;
  }

  /** Writes a frame. @returns where its flags stand, for `addFlag` */
  frame(type: number, flags: number, id: number, bytes: Buffer, from: number, to: number): number {
    const length = to - from;
    const into = this.#room(FRAME_HEAD + length);
    const at = this.#at;
    into[at] = length >>> 16;
    into[at + 1] = length >>> 8;
    into[at + 2] = length;
    into[at + 3] = type;
    into[at + 4] = flags;
    into[at + 5] = id >>> 24;
    into[at + 6] = id >>> 16;
    into[at + 7] = id >>> 8;
    into[at + 8] = id;
    if (type === FRAME.headers) this.heads++;
    if (length > 0) copy(bytes, from, to, into, at + FRAME_HEAD);
    this.#at = at + FRAME_HEAD + length;
    return at + 4;
  }

  /** Writes a frame whose payload is one number of 32 bits. */
  number(type: number, id: number, value: number): void {
    const into = this.#room(FRAME_HEAD + 4);
    const at = this.#at;
    into[at] = 0;
    into[at + 1] = 0;
    into[at + 2] = 4;
    into[at + 3] = type;
    into[at + 4] = 0;
    into.writeUInt32BE(id, at + 5);
    into.writeUInt32BE(value, at + FRAME_HEAD);
    this.#at = at + FRAME_HEAD + 4;
  }

  /** A body that is text, a character for each byte, as one DATA frame. */
  text(flags: number, id: number, text: string): void {
    const into = this.#room(FRAME_HEAD + text.length);
    const at = this.#at;
    into.writeUIntBE(text.length, at, 3);
    into[at + 3] = FRAME.data;
    into[at + 4] = flags;
    into.writeUInt32BE(id, at + 5);
    writeLatin1(text, into, at + FRAME_HEAD);
    this.#at = at + FRAME_HEAD + text.length;
  }

  /** Sets a flag of a frame that was written in the same epoch. */
  addFlag(flagsAt: number, flag: number): void {
    const buffer = this.#buffer;
    if (buffer !== undefined) buffer[flagsAt]! |= flag;
  }

  /** Bytes as they are: the preface. */
  raw(bytes: Buffer): void {
    this.#room(bytes.length).set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Hands all of it to the socket now. */
  flush(): void {
    this.#scheduled = false;
    const buffer = this.#buffer;
    if (buffer === undefined || this.#at === 0) return;
    const view = buffer.subarray(0, this.#at);
    this.#at = 0;
    this.heads = 0;
    this.epoch++;
    this.#buffer = undefined;
    if (this.#closed || this.#socket.destroyed || this.#socket.writableEnded) return;
    if (this.#encrypted) {
      // Never taken at once: without a call when it has been, each write would need new memory.
      this.#socket.write(view, () => keep(buffer));
      return;
    }
    writeNow(this.#socket, view);
    // What the kernel did not take at once holds the memory.
    if (this.#socket.writableLength === 0) keep(buffer);
  }

  /** Nothing more leaves. */
  close(): void {
    this.#closed = true;
    this.#at = 0;
    this.epoch++;
    const buffer = this.#buffer;
    this.#buffer = undefined;
    if (buffer !== undefined) keep(buffer);
  }

  /** @param bytes at most what a buffer holds */
  #room(bytes: number): Buffer {
    const buffer = this.#buffer;
    if (buffer !== undefined && this.#at + bytes <= BUFFER_BYTES) return buffer;
    if (buffer !== undefined) this.flush();
    if (!this.#scheduled) {
      this.#scheduled = true;
      if (dirty.push(this) === 1) setImmediate(flushAll);
    }
    return (this.#buffer = spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES));
  }
}

/** Up to here a piece is copied byte by byte: a call into C++ costs more. */
const SHORT_BYTES = 40;

/** All of something goes by `set`, which looks at less; of a part it would need a view. */
function copy(bytes: Buffer, from: number, to: number, into: Buffer, at: number): void {
  const count = to - from;
  if (count <= SHORT_BYTES) for (let i = 0; i < count; i++) into[at + i] = bytes[from + i]!;
  else if (count === bytes.length) into.set(bytes, at);
  else bytes.copy(into, at, from, to);
}

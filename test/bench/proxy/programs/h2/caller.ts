import { connect, type Socket } from "node:net";
import { FieldWriter } from "./field-writer.ts";
import * as h2 from "./frames.ts";

const { FRAME } = h2;
const HEADER_TABLE_SIZE = 1;
const ENABLE_PUSH = 2;
const INITIAL_WINDOW_SIZE = 4;
const WINDOW = 2 ** 30; // as h2load has it
const NOTHING = Buffer.alloc(0);
const READ_BYTES = 64 * 1024;

/** A stream that has begun. */
export interface Sent {
  readonly id: number;
  readonly atMs: number;
  readonly sentBytes: number;
  /** Of DATA frames of the answer. */
  gotBytes: number;
  /** Header blocks of the answer: its head, and trailers. Interim ones are not expected. */
  blocks: number;
}

export interface CallerHooks {
  /** The other side's SETTINGS are there: streams may begin. */
  ready(): void;
  /** The head of an answer has come, and more will. */
  answered?(sent: Sent): void;
  /** Its last frame has come, with `last`: valid during the call alone. */
  ended(sent: Sent, last: Buffer): void;
  /** A stream was reset, or (`sent` undefined) the connection lost. */
  failed(why: string): void;
}

/**
 * A caller's connection over HTTP/2 in cleartext. It looks at frames alone: header blocks that come are not decoded, so
 * that it costs little; what the answers say is proved with another client before.
 */
export class Caller {
  /** For the blocks of this connection's requests. */
  readonly fields: FieldWriter = new FieldWriter();
  readonly #socket: Socket;
  readonly #hooks: CallerHooks;
  readonly #reader = new h2.FrameReader();
  readonly #out = new h2.FrameWriter();
  readonly #streams = new Map<number, Sent>();
  #next = 1;
  #ready = false;
  #uncredited = 0;

  constructor(port: number, hooks: CallerHooks) {
    this.#hooks = hooks;
    this.#out.raw(h2.PREFACE);
    this.#out.settings([
      [ENABLE_PUSH, 0],
      [INITIAL_WINDOW_SIZE, WINDOW],
    ]);
    this.#out.number(FRAME.window, 0, h2.WHOLE_WINDOW);
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          this.#reader.read(buffer.subarray(0, length), this.#take);
          this.flush();
          return true;
        },
      },
    });
    this.#socket.on("error", () => {}); // "close" follows
    this.#socket.on("close", () => hooks.failed("the connection was lost"));
    this.flush();
  }

  /** Begins a stream; it goes out with the next `flush`, at the latest when something has come. */
  send(block: Buffer, body: Buffer | undefined): Sent {
    const id = this.#next;
    this.#next += 2;
    const ends = body === undefined ? h2.END_STREAM : 0;
    this.#out.frame(FRAME.headers, h2.END_HEADERS | ends, id, block);
    if (body !== undefined) this.#out.frame(FRAME.data, h2.END_STREAM, id, body);
    const sent = { id, atMs: performance.now(), sentBytes: body?.length ?? 0, gotBytes: 0, blocks: 0 };
    this.#streams.set(id, sent);
    return sent;
  }

  flush(): void {
    const bytes = this.#out.take();
    if (bytes !== undefined) this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.removeAllListeners("close").destroy();
  }

  readonly #take: h2.FrameTaker = (type, flags, stream, bytes, from, to) => {
    switch (type) {
      case FRAME.headers:
      case FRAME.data:
        return this.#progress(type, flags, stream, h2.dataOf(flags, bytes, from, to), to - from);
      case FRAME.reset:
        return this.#hooks.failed(`stream ${stream} was reset with code ${bytes.readUInt32BE(from)}`);
      case FRAME.goaway:
        return this.#hooks.failed(`GOAWAY with code ${bytes.readUInt32BE(from + 4)}`);
      case FRAME.settings:
        if ((flags & h2.ACK) !== 0) return;
        this.#out.frame(FRAME.settings, h2.ACK, 0, NOTHING);
        if ((h2.settingOf(HEADER_TABLE_SIZE, bytes, from, to) ?? 4_096) < 4_096) {
          return this.#hooks.failed("it has a smaller header table than is written for here");
        }
        if (this.#ready) return;
        this.#ready = true;
        return this.#hooks.ready();
      case FRAME.ping:
        if ((flags & h2.ACK) === 0) this.#out.frame(FRAME.ping, h2.ACK, 0, bytes.subarray(from, to));
        return;
      default: // windows are wider than all that is sent here
    }
  };

  #progress(type: number, flags: number, stream: number, payload: Buffer, framed: number): void {
    const sent = this.#streams.get(stream);
    if (sent === undefined) return this.#hooks.failed(`a frame for stream ${stream}, which is not open`);
    if (type === FRAME.headers) sent.blocks++;
    else {
      sent.gotBytes += payload.length;
      this.#credit(framed);
    }
    if ((flags & h2.END_STREAM) !== 0) {
      this.#streams.delete(stream);
      this.#hooks.ended(sent, payload);
    } else if (sent.blocks === 1 && type === FRAME.headers) this.#hooks.answered?.(sent);
  }

  #credit(bytes: number): void {
    this.#uncredited += bytes;
    if (this.#uncredited < WINDOW / 2) return;
    this.#out.number(FRAME.window, 0, this.#uncredited);
    this.#uncredited = 0;
  }
}

import { connect, createServer, type Socket } from "node:net";
import { createServer as createSecureServer, type TlsOptions } from "node:tls";
import { type Endpoint, endpoint } from "@weft/core";
import { expect, onTestFinished } from "vitest";
import { changes } from "../http/changes.ts";
import {
  FLAGS,
  type Frame,
  contentOf,
  FrameCutter,
  inWords,
  ping,
  PREFACE,
  type Setting,
  settings,
  settingsAck,
  TYPE,
} from "./frames.ts";
import { fieldReader } from "./read-block.ts";
import { SentFrames } from "./sent-frames.ts";

/** A wait that takes so long has failed: everything here takes milliseconds. */
const PATIENCE_MS = 30_000;

/** What came back on one stream. */
interface Answer {
  readonly status: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly body: string;
  /** Fields of the trailer section; undefined: there was none. */
  readonly trailers: ReadonlyMap<string, string> | undefined;
  readonly informed: readonly string[];
}

/** One end of an HTTP/2 connection that sends what it is told, and shows what comes. */
export interface RawPeer {
  readonly socket: Socket;
  /** All that came so far. */
  readonly frames: readonly Frame[];
  send(...bytes: readonly Uint8Array[]): void;
  /** Resolves with the first frame that `holds`. Rejects when the connection ends without, saying what came. */
  frame(holds: (frame: Frame) => boolean): Promise<Frame>;
  /** RST_STREAM for that stream. */
  reset(stream: number): Promise<Frame>;
  goaway(): Promise<Frame>;
  /** A PING and its answer: all that was sent before has been read by the other side. */
  roundTrip(): Promise<void>;
  /** The whole answer on a stream, or the whole request. */
  message(stream: number): Promise<Answer>;
  /** Bytes of content that came on a stream. */
  received(stream: number): number;
  /** Resolves when so many bytes of content have come on a stream. */
  receives(stream: number, bytes: number): Promise<void>;
  /** Resolves once the condition holds: looked at whenever something came. @param what is waited for, in words */
  until(what: string, holds: () => boolean): Promise<void>;
  /** Resolves when the other side has ended the connection: "end", or the code of the error. */
  ending(): Promise<string>;
  readonly over: boolean;
  close(): void;
}

export interface RawPeerOptions {
  /** False: reads nothing until `socket.resume()`. Default true. */
  readonly reads?: boolean;
  /** The other side is a client: its preface comes before the first frame, and is looked at. */
  readonly preface?: boolean;
}

/**
 * What weft sends on it is held to `SentFrames`, and what is wrong there fails the test when it has ended.
 *
 * @param socket connected, or about to be; it is gone when the test is
 */
export function rawPeer(socket: Socket, options: RawPeerOptions = {}): RawPeer {
  const frames: Frame[] = [];
  const changed = changes();
  const cutter = new FrameCutter(fieldReader());
  const received = new Map<number, number>();
  const sent = new SentFrames();
  const wrong: string[] = [];
  let preface: Buffer = options.preface === true ? PREFACE : Buffer.alloc(0);
  let ended = "";
  let pings = 0;
  onTestFinished(() => {
    socket.destroy();
    expect(wrong).toEqual([]);
  });
  socket.setNoDelay(true);
  socket.on("data", (bytes: Buffer) => {
    const begins = bytes.subarray(0, preface.length);
    if (!preface.subarray(0, begins.length).equals(begins)) wrong.push("a preface that is none (3.4)");
    preface = preface.subarray(begins.length);
    for (const one of cutter.push(bytes.subarray(begins.length))) {
      frames.push(one);
      const problem = sent.wrongIn(one);
      if (problem !== undefined) wrong.push(problem);
      if (one.type === TYPE.DATA) received.set(one.stream, (received.get(one.stream) ?? 0) + contentOf(one).length);
    }
    changed.tell();
  });
  if (options.reads === false) socket.pause();
  for (const event of ["end", "error", "close"]) {
    socket.on(event, (error?: unknown) => {
      ended ||= error instanceof Error && "code" in error ? String(error.code) : event;
      changed.tell();
    });
  }

  async function until(what: string, holds: () => boolean): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      changed.tell();
    }, PATIENCE_MS);
    await changed.until(() => holds() || ended !== "" || late);
    clearTimeout(timer);
    if (holds()) return;
    const came = frames.slice(-30).map(inWords).join("\n  ");
    throw new Error(`${what}: ${ended === "" ? "did not come" : `the connection ended (${ended})`}; came:\n  ${came}`);
  }

  async function first(what: string, holds: (frame: Frame) => boolean): Promise<Frame> {
    await until(what, () => frames.some(holds));
    return frames.find(holds)!; // just waited for
  }

  const peer: RawPeer = {
    socket,
    frames,
    get over() {
      return ended !== "";
    },
    send(...bytes) {
      if (!socket.destroyed) socket.write(Buffer.concat(bytes));
    },
    frame: (holds) => first("a frame", holds),
    reset: (stream) => first(`RST_STREAM of ${stream}`, (one) => one.type === TYPE.RST_STREAM && one.stream === stream),
    goaway: () => first("GOAWAY", ({ type }) => type === TYPE.GOAWAY),
    async roundTrip() {
      const text = String(pings++).padStart(8, "0");
      peer.send(ping(text));
      await first(`the answer to PING ${text}`, ({ type, flags, payload }) => {
        return type === TYPE.PING && (flags & FLAGS.ACK) !== 0 && payload.toString("latin1") === text;
      });
    },
    async message(stream) {
      const ends = (one: Frame): boolean =>
        one.stream === stream &&
        ((one.type === TYPE.HEADERS && one.fields !== undefined) || one.type === TYPE.DATA) &&
        (one.flags & FLAGS.END_STREAM) !== 0;
      await until(`the end of the message on ${stream}`, () => frames.some(ends));
      return messageOf(frames.filter((one) => one.stream === stream));
    },
    received: (stream) => received.get(stream) ?? 0,
    receives: (stream, bytes) => until(`${bytes} bytes on ${stream}`, () => (received.get(stream) ?? 0) >= bytes),
    until,
    async ending() {
      await until("the end of the connection", () => ended !== "");
      return ended;
    },
    close: () => void socket.destroy(),
  };
  return peer;
}

/** Connects to a server as a client that sends nothing by itself. @param address `host:port` */
export function rawClient(address: string, options: RawPeerOptions = {}): RawPeer {
  const [host = "", port = ""] = address.split(":");
  return rawPeer(connect({ host, port: Number(port), allowHalfOpen: true }), options);
}

/** A client beyond its handshake: the server's SETTINGS are acknowledged. @param first its own settings */
export async function client(address: string, ...first: readonly Setting[]): Promise<RawPeer> {
  const peer = rawClient(address);
  peer.send(PREFACE, settings(...first));
  await peer.frame(({ type, flags }) => type === TYPE.SETTINGS && (flags & FLAGS.ACK) === 0);
  peer.send(settingsAck());
  await peer.frame(isAck);
  return peer;
}

/** An endpoint that does nothing by itself. */
export interface RawEndpoint {
  readonly endpoint: Endpoint;
  /** Connection number `index`, the first being 0, once it is there; nothing was sent on it. */
  connection(index?: number): Promise<RawPeer>;
  /** The same beyond its handshake. */
  accepted(index?: number, ...first: readonly Setting[]): Promise<RawPeer>;
  readonly connections: number;
}

/** Listens on loopback as long as the test lasts. @param tls absent: plain TCP */
export async function rawEndpoint(tls?: TlsOptions): Promise<RawEndpoint> {
  const peers: RawPeer[] = [];
  const changed = changes();
  function accept(socket: Socket): void {
    peers.push(rawPeer(socket, { preface: true }));
    changed.tell();
  }
  const server =
    tls === undefined
      ? createServer({ allowHalfOpen: true }, accept)
      : createSecureServer({ ...tls, allowHalfOpen: true }, accept);
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not a TCP address");
  async function connection(index = 0): Promise<RawPeer> {
    await changed.until(() => peers.length > index);
    return peers[index]!; // just waited for
  }
  return {
    endpoint: endpoint({ host: "127.0.0.1", port: address.port }),
    connection,
    async accepted(index = 0, ...first) {
      const peer = await connection(index);
      await peer.frame(({ type, flags }) => type === TYPE.SETTINGS && (flags & FLAGS.ACK) === 0);
      peer.send(settings(...first), settingsAck());
      await peer.frame(isAck);
      return peer;
    },
    get connections() {
      return peers.length;
    },
  };
}

/** Whether it acknowledges SETTINGS. */
export function isAck({ type, flags }: Frame): boolean {
  return type === TYPE.SETTINGS && (flags & FLAGS.ACK) !== 0;
}

/** What a SETTINGS frame says. */
export function settingsOf({ payload }: Frame): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  for (let at = 0; at < payload.length; at += 6) pairs.set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
  return pairs;
}

/** Sum of the WINDOW_UPDATEs that came of a stream, or of the connection, which is stream 0. */
export function credit({ frames }: RawPeer, stream: number): number {
  return frames
    .filter((one) => one.type === TYPE.WINDOW_UPDATE && one.stream === stream)
    .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 0);
}

/** Lengths of the DATA frames of a stream. */
export function pieces({ frames }: RawPeer, stream: number): number[] {
  return frames.filter((one) => one.type === TYPE.DATA && one.stream === stream).map((one) => contentOf(one).length);
}

function messageOf(frames: readonly Frame[]): Answer {
  const sections = frames.flatMap(({ fields }) => (fields === undefined ? [] : [new Map(fields)]));
  const finals = sections.findIndex((fields) => !/^1\d\d$/.test(fields.get(":status") ?? ""));
  const fields = sections[finals] ?? new Map<string, string>();
  const contents = frames.filter(({ type }) => type === TYPE.DATA).map(contentOf);
  return {
    status: fields.get(":status") ?? "",
    fields,
    body: Buffer.concat(contents).toString("latin1"),
    trailers: sections[finals + 1],
    informed: sections.slice(0, finals).map((one) => one.get(":status") ?? ""),
  };
}

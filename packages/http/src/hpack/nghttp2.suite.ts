import type { Duplex } from "node:stream";

/** The other end of a connection of node:http2, frame by frame. Frames of any length are taken. */
export interface RawEnd {
  /** The next header block that comes, and its stream. @throws when the connection ends before */
  block(): Promise<{ readonly id: number; readonly bytes: Buffer }>;
  /** Sends a header block as one frame that ends the stream. */
  send(id: number, block: Buffer): void;
  /** Sends SETTINGS with a table size. @returns when they are acknowledged */
  announce(tableBytes: number): Promise<void>;
  /** What node thinks of all that was sent: the error code of its GOAWAY, or undefined when it is content. */
  verdict(): Promise<number | undefined>;
  /** Told of each table size that node announces, before it is acknowledged. */
  onTableSize: (bytes: number) => void;
}

const HEADERS = 0x1;
const SETTINGS = 0x4;
const PING = 0x6;
const GOAWAY = 0x7;
const ACK = 0x1;
const END_STREAM = 0x1;
const END_HEADERS = 0x4;
const PADDED = 0x8;
const PRIORITY = 0x20;
const HEADER_TABLE_SIZE = 0x1;
const FRAME_HEAD = 9;

/** @param side what we play: a client begins with the preface, a server reads one */
export function rawEnd(socket: Duplex, side: "client" | "server"): RawEnd {
  const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  let unread = Buffer.alloc(0);
  let prefaceLeft = side === "server" ? preface.length : 0;
  const blocks: { id: number; bytes: Buffer }[] = [];
  const wanted: { resolve: (block: { id: number; bytes: Buffer }) => void; reject: (why: Error) => void }[] = [];
  const unacknowledged: (() => void)[] = [];
  const judged: ((code: number | undefined) => void)[] = [];
  const end: RawEnd = {
    block: () => new Promise((resolve, reject) => (wanted.push({ resolve, reject }), hand())),
    send: (id, block) => write(HEADERS, END_HEADERS | END_STREAM, id, block),
    announce: (tableBytes) => {
      const payload = Buffer.alloc(6);
      payload.writeUInt16BE(HEADER_TABLE_SIZE, 0);
      payload.writeUInt32BE(tableBytes, 2);
      write(SETTINGS, 0, 0, payload);
      return new Promise((resolve) => unacknowledged.push(resolve));
    },
    verdict: () => {
      write(PING, 0, 0, Buffer.alloc(8));
      return new Promise((resolve) => judged.push(resolve));
    },
    onTableSize: () => {},
  };

  socket.on("data", (data: Buffer) => {
    unread = Buffer.concat([unread, data]);
    if (unread.length < prefaceLeft) return;
    unread = unread.subarray(prefaceLeft);
    prefaceLeft = 0;
    while (unread.length >= FRAME_HEAD && unread.length >= FRAME_HEAD + unread.readUIntBE(0, 3)) {
      const to = FRAME_HEAD + unread.readUIntBE(0, 3);
      frame(unread[3]!, unread[4]!, unread.readUInt32BE(5), unread.subarray(FRAME_HEAD, to));
      unread = unread.subarray(to);
    }
    hand();
  });
  socket.on("close", () => {
    for (const { reject } of wanted.splice(0)) reject(new Error("the connection ended"));
  });
  if (side === "client") socket.write(preface);
  write(SETTINGS, 0, 0, Buffer.alloc(0));
  unacknowledged.push(() => {});
  return end;

  function frame(type: number, flags: number, id: number, payload: Buffer): void {
    if (type === PING && (flags & ACK) !== 0) judged.shift()?.(undefined);
    else if (type === GOAWAY) judged.shift()?.(payload.readUInt32BE(4));
    else if (type === SETTINGS && (flags & ACK) !== 0) unacknowledged.shift()?.();
    else if (type === SETTINGS) {
      for (let at = 0; at < payload.length; at += 6)
        if (payload.readUInt16BE(at) === HEADER_TABLE_SIZE) end.onTableSize(payload.readUInt32BE(at + 2));
      write(SETTINGS, ACK, 0, Buffer.alloc(0));
    } else if (type === HEADERS) {
      if ((flags & END_HEADERS) === 0 || (flags & PADDED) !== 0) throw new Error("not what node sends short lists in");
      blocks.push({ id, bytes: payload.subarray((flags & PRIORITY) === 0 ? 0 : 5) });
    }
  }

  function hand(): void {
    while (blocks.length > 0 && wanted.length > 0) wanted.shift()!.resolve(blocks.shift()!);
  }

  function write(type: number, flags: number, id: number, payload: Buffer): void {
    const head = Buffer.alloc(FRAME_HEAD);
    head.writeUIntBE(payload.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(id, 5);
    socket.write(Buffer.concat([head, payload]));
  }
}

import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";

/** Source: RFC 6455 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

/** The proof that a handshake was understood. */
export function webSocketAccept(key: string): string {
  return createHash("sha1").update(`${key}${GUID}`).digest("base64");
}

/** Sends each frame of a client back as it came, but unmasked; answers pings, and a close, after which it ends. */
export function echoFrames(socket: Duplex, early: Buffer): void {
  let held = early;
  const take = (): void => {
    for (let frame = readFrame(held); frame !== undefined; frame = readFrame(held)) {
      held = held.subarray(frame.end);
      const first = frame.opcode === PING ? (frame.first & 0xf0) | PONG : frame.first;
      socket.write(Buffer.concat([frameHead(first, frame.data.length), frame.data]));
      if (frame.opcode === CLOSE) return void socket.end();
    }
  };
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    take();
  });
  take();
}

interface Frame {
  /** FIN and opcode. */
  readonly first: number;
  readonly opcode: number;
  readonly data: Buffer;
  readonly end: number;
}

/** The frame that begins here, which a client masks; undefined when not all of it has come. Source: RFC 6455 5.2. */
function readFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  const sizeEnd = { 126: 4, 127: 10 }[short] ?? 2;
  if (bytes.length < sizeEnd + 4) return undefined;
  const length = sizeEnd === 2 ? short : sizeEnd === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const start = sizeEnd + 4;
  const end = start + length;
  if (bytes.length < end) return undefined;
  const data = Buffer.from(bytes.subarray(start, end));
  for (let at = 0; at < length; at++) data[at]! ^= bytes[sizeEnd + (at & 3)]!;
  return { first: bytes[0]!, opcode: bytes[0]! & 0x0f, data, end };
}

function frameHead(first: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, length]);
  const long = length > 0xffff;
  const head = Buffer.alloc(long ? 10 : 4);
  head[0] = first;
  head[1] = long ? 127 : 126;
  if (long) head.writeBigUInt64BE(BigInt(length), 2);
  else head.writeUInt16BE(length, 2);
  return head;
}

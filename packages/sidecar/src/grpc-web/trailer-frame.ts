import type { Fields } from "@weft/http";
import { FRAME_HEAD_BYTES } from "./message-frames.ts";

/** Of the flags: the frame holds trailers, and no message. */
const TRAILER_FLAG = 0x80;

/**
 * Trailers as gRPC-Web has them: the last frame of the body. Names in lower case, a line for each, and no empty line
 * behind them. Source: gRPC PROTOCOL-WEB, "Message framing".
 */
export function trailerFrame(trailers: Pick<Fields, "entries">): Buffer {
  let lines = "";
  for (const [name, value] of trailers.entries()) lines += `${name}: ${value}\r\n`;
  const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + lines.length);
  frame[0] = TRAILER_FLAG;
  frame.writeUInt32BE(lines.length, 1);
  frame.write(lines, FRAME_HEAD_BYTES, "latin1");
  return frame;
}

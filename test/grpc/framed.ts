import type { Readable } from "node:stream";

/** A message of gRPC as it stands in a body: one byte of flags, four of length, the message. */
export interface Framed {
  readonly compressed: boolean;
  /** As sent: still compressed when it is. */
  readonly bytes: Buffer;
}

const PREFIX_BYTES = 5;

/** Source: gRPC over HTTP/2, Length-Prefixed-Message. */
export function frame({ compressed, bytes }: Framed): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt8(compressed ? 1 : 0, 0);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}

/** The messages of a body, in their order. @throws Error when it ends inside one */
export async function* frames(body: Readable): AsyncGenerator<Framed> {
  let rest = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk as Buffer]); // no encoding is set
    for (;;) {
      const end = rest.length < PREFIX_BYTES ? Infinity : PREFIX_BYTES + rest.readUInt32BE(1);
      if (rest.length < end) break;
      yield { compressed: rest.readUInt8(0) === 1, bytes: rest.subarray(PREFIX_BYTES, end) };
      rest = rest.subarray(end);
    }
  }
  if (rest.length > 0) throw new Error(`the body ends ${rest.length} bytes into a message`);
}

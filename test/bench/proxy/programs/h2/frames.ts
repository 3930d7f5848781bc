/** Frame types of RFC 9113, section 6, that the programs here look at. */
export const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, window: 8 } as const;

/** Flags; `ACK` of SETTINGS and PING has the bit of `END_STREAM`. */
export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;
const PADDED = 0x8;

export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** The largest increment of a window over what it begins with (RFC 9113, 6.9.1). */
export const WHOLE_WINDOW = 2 ** 31 - 1 - 65_535;

const HEAD = 9;

/** Is told of each frame: its payload is `bytes` from `from` to `to`, valid during the call alone. */
export type FrameTaker = (type: number, flags: number, stream: number, bytes: Buffer, from: number, to: number) => void;

/** Cuts what a connection receives into frames. It trusts the other side: lengths are not limited. */
export class FrameReader {
  #kept: Buffer | undefined;

  read(received: Buffer, take: FrameTaker): void {
    const bytes = this.#kept === undefined ? received : Buffer.concat([this.#kept, received]);
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const end = at + HEAD + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      take(bytes[at + 3]!, bytes[at + 4]!, bytes.readUInt32BE(at + 5) & 0x7fff_ffff, bytes, at + HEAD, end);
      at = end;
    }
    // A copy: the memory may be the socket's own for all its reads.
    this.#kept = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at));
  }
}

/** Frames that go out together: a write for each turn and not for each frame, as every client and server does it. */
export class FrameWriter {
  #bytes = Buffer.allocUnsafe(16 * 1024);
  #length = 0;

  raw(bytes: Buffer): void {
    this.#grow(bytes.length);
    this.#length += bytes.copy(this.#bytes, this.#length);
  }

  frame(type: number, flags: number, stream: number, payload: Buffer): void {
    this.#grow(HEAD + payload.length);
    const at = this.#length;
    this.#bytes.writeUIntBE(payload.length, at, 3);
    this.#bytes[at + 3] = type;
    this.#bytes[at + 4] = flags;
    this.#bytes.writeUInt32BE(stream, at + 5);
    payload.copy(this.#bytes, at + HEAD);
    this.#length = at + HEAD + payload.length;
  }

  /** A frame whose payload is one number: WINDOW_UPDATE, RST_STREAM. */
  number(type: number, stream: number, value: number): void {
    this.frame(type, 0, stream, uint32(value));
  }

  /** SETTINGS of pairs of identifier and value. */
  settings(pairs: readonly (readonly [id: number, value: number])[]): void {
    const payload = Buffer.alloc(pairs.length * 6);
    for (const [i, [id, value]] of pairs.entries()) {
      payload.writeUInt16BE(id, i * 6);
      payload.writeUInt32BE(value, i * 6 + 2);
    }
    this.frame(FRAME.settings, 0, 0, payload);
  }

  /** What was written since the last time, or undefined for nothing. The caller owns it. */
  take(): Buffer | undefined {
    if (this.#length === 0) return undefined;
    const bytes = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return bytes;
  }

  #grow(by: number): void {
    if (this.#length + by <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + by));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** The value that SETTINGS give `id`, or undefined. */
export function settingOf(id: number, bytes: Buffer, from: number, to: number): number | undefined {
  let value: number | undefined;
  for (let at = from; at + 6 <= to; at += 6) if (bytes.readUInt16BE(at) === id) value = bytes.readUInt32BE(at + 2);
  return value;
}

/** Where the content of a DATA frame ends, and begins: without its padding. */
export function dataOf(flags: number, bytes: Buffer, from: number, to: number): Buffer {
  if ((flags & PADDED) === 0) return bytes.subarray(from, to);
  return bytes.subarray(from + 1, to - bytes[from]!);
}

const NUMBER = Buffer.alloc(4);

/** In memory that the next call overwrites. */
function uint32(value: number): Buffer {
  NUMBER.writeUInt32BE(value);
  return NUMBER;
}

/** Types of frames. Source: RFC 9113 6. */
export const FRAME = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  reset: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goaway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

/** Bits of a frame's flags. What a bit means depends on the type. */
export const FLAG = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** Why a stream or a connection ends. Source: RFC 9113 7. */
export const H2_ERROR = {
  noError: 0x0,
  protocolError: 0x1,
  internalError: 0x2,
  flowControlError: 0x3,
  settingsTimeout: 0x4,
  streamClosed: 0x5,
  frameSizeError: 0x6,
  refusedStream: 0x7,
  cancel: 0x8,
  compressionError: 0x9,
  connectError: 0xa,
  enhanceYourCalm: 0xb,
  inadequateSecurity: 0xc,
  http11Required: 0xd,
} as const;

/** Bytes in front of a frame's payload. */
export const FRAME_HEAD = 9;

/** The most that a payload has unless SETTINGS say otherwise; ours never do. Source: RFC 9113 4.2. */
export const FRAME_BYTES: number = 16 * 1024;

/** The window of a stream, and of a connection, before anybody has said otherwise. Source: RFC 9113 6.9.2. */
export const FIRST_WINDOW = 65_535;

/** The most that a window may be. Source: RFC 9113 6.9.1. */
export const MOST_WINDOW: number = 2 ** 31 - 1;

/** What a client sends before anything else. Source: RFC 9113 3.4. */
export const PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

const NAMES: ReadonlyMap<number, string> = new Map([
  [H2_ERROR.noError, "NO_ERROR"],
  [H2_ERROR.protocolError, "PROTOCOL_ERROR"],
  [H2_ERROR.internalError, "INTERNAL_ERROR"],
  [H2_ERROR.flowControlError, "FLOW_CONTROL_ERROR"],
  [H2_ERROR.settingsTimeout, "SETTINGS_TIMEOUT"],
  [H2_ERROR.streamClosed, "STREAM_CLOSED"],
  [H2_ERROR.frameSizeError, "FRAME_SIZE_ERROR"],
  [H2_ERROR.refusedStream, "REFUSED_STREAM"],
  [H2_ERROR.cancel, "CANCEL"],
  [H2_ERROR.compressionError, "COMPRESSION_ERROR"],
  [H2_ERROR.connectError, "CONNECT_ERROR"],
  [H2_ERROR.enhanceYourCalm, "ENHANCE_YOUR_CALM"],
  [H2_ERROR.inadequateSecurity, "INADEQUATE_SECURITY"],
  [H2_ERROR.http11Required, "HTTP_1_1_REQUIRED"],
]);

/** The code's name in the RFC, for logs. */
export function errorName(code: number): string {
  return NAMES.get(code) ?? `error ${code}`;
}

/** A number of 31 bits: the highest bit is reserved and not looked at. */
export function read31(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** A number of 32 bits. */
export function read32(bytes: Uint8Array, at: number): number {
  return read31(bytes, at) + (bytes[at]! >= 0x80 ? 2 ** 31 : 0);
}

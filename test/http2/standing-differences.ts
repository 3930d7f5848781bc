import { FLAGS, type Frame, FrameCutter, SETTING, TYPE } from "./frames.ts";
import { kindOf, type Outcome } from "./outcome.ts";
import { fieldReader } from "./read-block.ts";

/** The frame at which the two part, and what came before it. */
export interface Parting {
  readonly frame: Frame;
  readonly before: readonly Frame[];
  readonly ours: Outcome;
  readonly theirs: Outcome;
}

/** Something that weft and nghttp2 make different things of. */
export interface Difference {
  readonly name: string;
  /** Why weft does as it does. */
  readonly why: string;
  readonly holds: (parting: Parting) => boolean;
}

/** Reads frames with nothing but their heads and fields; a block that cannot be read has none. */
export function readFrames(bytes: Buffer): Frame[] {
  return new FrameCutter(fieldReader(), "leave what cannot be read").push(bytes);
}

export const DIFFERENCES: readonly Difference[] = [
  {
    name: "a frame behind the end of its stream",
    why: "RFC 9113 5.1 asks for a stream error STREAM_CLOSED; nghttp2 makes it one of the connection",
    holds: ({ frame, before, ours, theirs }) =>
      isOf(frame, TYPE.DATA, TYPE.HEADERS, TYPE.CONTINUATION) &&
      ours.connection === "open" &&
      theirs.connection === "STREAM_CLOSED" &&
      hasEnded(before, streamOf(frame)),
  },
  {
    name: "HEADERS on a stream below one that was opened",
    why: "RFC 9113 5.1.1 asks for a connection error; nghttp2 ignores them",
    holds: ({ frame, before, ours, theirs }) =>
      isOf(frame, TYPE.HEADERS, TYPE.CONTINUATION) &&
      ours.connection === "STREAM_CLOSED" &&
      theirs.connection === "open" &&
      before.some((one) => one.type === TYPE.HEADERS && streamOf(one) >= streamOf(frame)),
  },
  {
    name: "DATA on a stream that is over, or was passed over",
    why: "RFC 9113 6.1 asks for a stream error STREAM_CLOSED; nghttp2 ignores it",
    holds: ({ frame, ours, theirs }) =>
      isOf(frame, TYPE.DATA) && ours.connection === "open" && theirs.connection === "open" && isReset(ours, frame),
  },
  {
    name: "a field whose value no HTTP field may have",
    why: "RFC 9113 8.2.1 asks for malformed; nghttp2 leaves the field out, or takes the white space off",
    holds: ({ frame, before, ours, theirs }) =>
      ours.connection === "open" &&
      theirs.connection === "open" &&
      isReset(ours, frame) &&
      // oxlint-disable-next-line no-control-regex -- these are the bytes in question
      fieldsOf(frame, before).some((field) => !isValid(field)),
  },
  {
    name: "a target that no URI may have",
    why: "weft holds :path to the grammar of HTTP/1.1, where it may go; nghttp2 looks for control characters alone",
    holds: ({ frame, before, ours, theirs }) =>
      ours.connection === "open" &&
      theirs.connection === "open" &&
      isReset(ours, frame) &&
      fieldsOf(frame, before).some(([name, value]) => name === ":path" && !isTarget(value)),
  },
  {
    name: "a field in trailers that may not come late",
    why: "RFC 9110 6.5.1 forbids fields of framing and routing there; nghttp2 does not look at their names",
    holds: ({ frame, before, ours, theirs }) =>
      ours.connection === "open" &&
      theirs.connection === "open" &&
      isReset(ours, frame) &&
      before.some((one) => one.type === TYPE.HEADERS && streamOf(one) === streamOf(frame)) &&
      fieldsOf(frame, before).some(([name]) => ["content-length", "host", "te", "cookie"].includes(name)),
  },
  {
    name: "WINDOW_UPDATE by 0, or too large, on a stream",
    why: "RFC 9113 6.9 asks for a stream error; nghttp2 makes it one of the connection",
    holds: ({ frame, ours, theirs }) =>
      isOf(frame, TYPE.WINDOW_UPDATE) && ours.connection === "open" && theirs.connection !== "open",
  },
  {
    name: "a priority that depends on its own stream",
    why: "an error in RFC 7540 5.3.1, which RFC 9113 no longer speaks of; nghttp2 does not look at PRIORITY any more",
    holds: ({ frame, ours, theirs }) =>
      isOf(frame, TYPE.PRIORITY) &&
      theirs.connection === "open" &&
      frame.payload.length === 5 &&
      (frame.payload.readUInt32BE(0) & 0x7fffffff) === streamOf(frame) &&
      (ours.connection !== "open" || isReset(ours, frame)),
  },
  {
    name: "RST_STREAM of a request that can be answered",
    why: "whoever answers has done so here in the turn of the request, there in a later one",
    holds: ({ frame, ours, theirs }) =>
      isOf(frame, TYPE.RST_STREAM) &&
      ours.streams[streamOf(frame)] === "200" &&
      theirs.connection === "open" &&
      theirs.streams[streamOf(frame)] === undefined,
  },
  {
    name: "padded DATA without the length of its padding, on a stream that is over",
    why: "RFC 9113 4.2 asks for FRAME_SIZE_ERROR whatever the stream; nghttp2 looks at the stream first",
    holds: ({ frame, ours }) =>
      isOf(frame, TYPE.DATA) && frame.payload.length === 0 && ours.connection === "FRAME_SIZE_ERROR",
  },
  {
    name: "a :scheme that is neither http nor https",
    why: "weft forwards no other and answers 400; RFC 9113 8.3.1 leaves that to whoever answers",
    holds: ({ frame, before, ours }) =>
      ours.streams[streamOf(frame)] === "400" &&
      fieldsOf(frame, before).some(([name, value]) => name === ":scheme" && !/^https?$/.test(value)),
  },
  {
    name: "NO_RFC7540_PRIORITIES behind the first SETTINGS",
    why: "RFC 9218 2.1 allows an error and asks for none; weft does not know the setting, and ignores it",
    holds: ({ frame, ours, theirs }) =>
      isOf(frame, TYPE.SETTINGS) &&
      frame.payload.length >= 2 &&
      frame.payload.readUInt16BE(0) === SETTING.NO_RFC7540_PRIORITIES &&
      ours.connection === "open" &&
      theirs.connection === "PROTOCOL_ERROR",
  },
  {
    name: "an acknowledgement of SETTINGS or PING that nobody waits for",
    why: "RFC 9113 6.5 and 6.7 name no error for it, and weft charges for it; nghttp2 ends the connection",
    holds: ({ frame, ours, theirs }) =>
      isOf(frame, TYPE.SETTINGS, TYPE.PING) &&
      (frame.flags & FLAGS.ACK) !== 0 &&
      ours.connection === "open" &&
      theirs.connection !== "open",
  },
  {
    name: "PRIORITY on stream 0",
    why: "RFC 9113 6.3 asks for a connection error; nghttp2 does not look at PRIORITY any more",
    holds: ({ frame, ours, theirs }) =>
      isOf(frame, TYPE.PRIORITY) &&
      streamOf(frame) === 0 &&
      ours.connection === "PROTOCOL_ERROR" &&
      theirs.connection === "open",
  },
  {
    name: "PRIORITY of a wrong size",
    why: "RFC 9113 6.3 asks for a stream error; nghttp2 makes it one of the connection",
    holds: ({ frame, ours, theirs }) =>
      isOf(frame, TYPE.PRIORITY) &&
      frame.payload.length !== 5 &&
      ours.connection === "open" &&
      theirs.connection === "FRAME_SIZE_ERROR",
  },
  {
    name: "what a client sends behind its own GOAWAY",
    why: "weft refuses further requests, and ends the connection when nothing is under way; nghttp2 ignores them",
    holds: ({ frame, before, ours }) =>
      [...before, frame].some(({ type }) => type === TYPE.GOAWAY) &&
      (ours.connection === "closed" || ours.connection === "open"),
  },
  {
    name: "more content than Content-Length says",
    why: "RFC 9113 8.1.1 asks for a stream error; node:http2 ends the connection",
    holds: ({ frame, ours, theirs }) =>
      isOf(frame, TYPE.DATA) &&
      frame.payload.length > 0 &&
      ours.connection === "open" &&
      isReset(ours, frame) &&
      theirs.connection === "INTERNAL_ERROR",
  },
];

function isOf(frame: Frame, ...types: readonly number[]): boolean {
  return types.includes(frame.type);
}

/** Without the reserved bit. */
function streamOf({ stream }: Frame): number {
  return stream & 0x7fffffff;
}

function isReset({ streams }: Outcome, frame: Frame): boolean {
  return streams[streamOf(frame)]?.startsWith("reset") ?? false;
}

function hasEnded(before: readonly Frame[], stream: number): boolean {
  return before.some((one) => {
    if (streamOf(one) !== stream) return false;
    return isOf(one, TYPE.DATA, TYPE.HEADERS) ? (one.flags & FLAGS.END_STREAM) !== 0 : one.type === TYPE.RST_STREAM;
  });
}

/** By RFC 9112 3.2, in origin form. */
function isTarget(value: string): boolean {
  return /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/.test(value);
}

/** By RFC 9110 5.1 and 5.5. */
function isValid([name, value]: readonly [string, string]): boolean {
  if (!/^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) || /^[ \t]|[ \t]$/.test(value)) return false;
  return [...value].every((character) => character === "\t" || (character >= " " && character !== "\x7f"));
}

/** Fields of the block that the frame ends. */
function fieldsOf(frame: Frame, before: readonly Frame[]): readonly (readonly [string, string])[] {
  if (frame.fields !== undefined) return frame.fields;
  return frame.type === TYPE.CONTINUATION ? (before.findLast(({ type }) => type === TYPE.HEADERS)?.fields ?? []) : [];
}

/** For messages: what the two made of it. */
export function inBothWords({ ours, theirs }: Parting): string {
  return `weft: ${kindOf(ours)} (${ours.connection}); nghttp2: ${kindOf(theirs)} (${theirs.connection})`;
}

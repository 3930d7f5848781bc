import { block, get, post, status } from "../field-block.ts";
import {
  continuation,
  data,
  frame,
  headers,
  ping,
  priority,
  pushPromise,
  reset,
  SETTING,
  settings,
  settingsAck,
  TYPE,
  windowUpdate,
} from "../frames.ts";
import { answered, connectionError, IGNORED, type Rule, streamError } from "../rule.ts";

const TRAILERS = block(["x-sum", "5"]);

/** RFC 9113 6.1 to 6.4: DATA, HEADERS, PRIORITY, RST_STREAM. */
export const STREAM_FRAMES: readonly Rule[] = [
  {
    section: "6.1",
    when: "DATA on stream 0",
    sends: () => data(0, "x"),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.1",
    when: "DATA with padding",
    sends: ({ stream }) => data(stream, "x", { pad: 10 }),
    verdict: IGNORED,
  },
  {
    section: "6.1",
    when: "DATA that is all padding",
    sends: ({ stream }) => data(stream, "", { pad: 255 }),
    verdict: IGNORED,
  },
  {
    section: "6.1",
    when: "DATA with a padding of nothing",
    sends: ({ stream }) => data(stream, "x", { pad: 0 }),
    verdict: IGNORED,
  },
  {
    section: "6.1",
    when: "DATA whose padding leaves no content",
    sends: ({ stream }) => frame(TYPE.DATA, 0x08, stream, "\x06hello\0"),
    verdict: IGNORED,
  },
  {
    section: "6.1",
    when: "DATA whose padding is longer than what is there",
    sends: ({ stream }) => frame(TYPE.DATA, 0x08, stream, "\x07hello\0"),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.1",
    when: "DATA with a padding of 255 in one byte",
    sends: ({ stream }) => frame(TYPE.DATA, 0x08, stream, "\xff"),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.1",
    when: "an empty DATA",
    sends: ({ stream }) => data(stream),
    verdict: IGNORED,
  },
  {
    section: "6.2",
    when: "HEADERS on stream 0",
    sends: ({ head }) => headers(0, head),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.2",
    when: "HEADERS with padding",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, get(), { end: true, pad: 100 }),
    verdict: answered(200),
  },
  {
    section: "6.2",
    when: "HEADERS with padding, of a response",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => headers(stream, status(200), { pad: 255 }),
    verdict: IGNORED,
  },
  {
    section: "6.2",
    when: "HEADERS with padding and a priority",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      headers(stream, get(), { end: true, pad: 7, priority: { dependsOn: 0, weight: 15, exclusive: false } }),
    verdict: answered(200),
  },
  {
    section: "6.2",
    when: "HEADERS whose padding is longer than what is there",
    state: "waiting",
    sends: ({ stream, head }) => frame(TYPE.HEADERS, 0x0c, stream, Buffer.concat([Buffer.of(head.length + 1), head])),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.2",
    when: "HEADERS whose padding reaches into their priority",
    state: "waiting",
    sends: ({ stream }) => frame(TYPE.HEADERS, 0x2c, stream, "\x03\0\0\0\0\x0f\0\0"),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.2",
    when: "HEADERS without END_HEADERS, then HEADERS on another stream",
    state: "waiting",
    sends: ({ stream, head }) =>
      Buffer.concat([headers(stream, head, { endHeaders: false }), headers(stream + 2, head, { end: true })]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.2",
    when: "HEADERS without END_HEADERS, then PRIORITY",
    state: "waiting",
    sends: ({ stream, head }) => Buffer.concat([headers(stream, head, { endHeaders: false }), priority(stream)]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.2",
    when: "HEADERS without END_HEADERS, then DATA",
    state: "waiting",
    sends: ({ stream, head }) => Buffer.concat([headers(stream, head, { endHeaders: false }), data(stream, "x")]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.2",
    when: "HEADERS without END_HEADERS, then RST_STREAM",
    state: "waiting",
    sends: ({ stream, head }) => Buffer.concat([headers(stream, head, { endHeaders: false }), reset(stream)]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.2",
    when: "HEADERS with END_STREAM, whose block goes on in CONTINUATION",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([
        headers(stream, get().subarray(0, 9), { end: true, endHeaders: false }),
        continuation(stream, get().subarray(9)),
      ]),
    verdict: answered(200),
  },
  {
    section: "6.3",
    when: "PRIORITY on stream 0",
    sends: () => priority(0),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.3",
    when: "PRIORITY of four bytes",
    sends: ({ stream }) => frame(TYPE.PRIORITY, 0, stream, "\0\0\0\0"),
    verdict: streamError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.3",
    when: "PRIORITY of six bytes",
    sends: ({ stream }) => frame(TYPE.PRIORITY, 0, stream, "\0\0\0\0\0\0"),
    verdict: streamError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.4",
    when: "RST_STREAM on stream 0",
    sends: () => reset(0),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.4",
    when: "RST_STREAM of an idle stream",
    sends: () => reset(999),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.4",
    when: "RST_STREAM of three bytes",
    sends: ({ stream }) => frame(TYPE.RST_STREAM, 0, stream, "\0\0\0"),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.4",
    when: "RST_STREAM of five bytes",
    sends: ({ stream }) => frame(TYPE.RST_STREAM, 0, stream, "\0\0\0\x08\0"),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
];

/** RFC 9113 6.5 to 6.8: SETTINGS, PUSH_PROMISE, PING, GOAWAY. */
export const CONNECTION_FRAMES: readonly Rule[] = [
  {
    section: "6.5",
    when: "SETTINGS with ACK and a payload",
    sends: () => frame(TYPE.SETTINGS, 1, 0, Buffer.alloc(6)),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.5",
    when: "SETTINGS on a stream",
    sends: ({ stream }) => frame(TYPE.SETTINGS, 0, stream),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5",
    when: "SETTINGS with ACK on a stream",
    sends: ({ stream }) => frame(TYPE.SETTINGS, 1, stream),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5",
    when: "SETTINGS of five bytes",
    sends: () => frame(TYPE.SETTINGS, 0, 0, Buffer.alloc(5)),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.5",
    when: "SETTINGS of seven bytes",
    sends: () => frame(TYPE.SETTINGS, 0, 0, Buffer.alloc(7)),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.5.2",
    when: "ENABLE_PUSH of 2",
    sends: () => settings([SETTING.ENABLE_PUSH, 2]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5.2",
    when: "ENABLE_PUSH of 0 and of 1, from a client",
    roles: ["server"],
    sends: () => settings([SETTING.ENABLE_PUSH, 1], [SETTING.ENABLE_PUSH, 0], [SETTING.ENABLE_PUSH, 1]),
    verdict: IGNORED,
  },
  {
    section: "6.5.2",
    when: "ENABLE_PUSH of 0, from a server",
    roles: ["client"],
    sends: () => settings([SETTING.ENABLE_PUSH, 0]),
    verdict: IGNORED,
  },
  {
    section: "6.5.2",
    when: "ENABLE_PUSH of 1, from a server",
    roles: ["client"],
    sends: () => settings([SETTING.ENABLE_PUSH, 1]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5.2",
    when: "INITIAL_WINDOW_SIZE of 2^31",
    sends: () => settings([SETTING.INITIAL_WINDOW_SIZE, 2 ** 31]),
    verdict: connectionError("FLOW_CONTROL_ERROR"),
  },
  {
    section: "6.5.2",
    when: "INITIAL_WINDOW_SIZE of 2^31 - 1",
    sends: () => settings([SETTING.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]),
    verdict: IGNORED,
  },
  {
    section: "6.5.2",
    when: "MAX_FRAME_SIZE of 16,383",
    sends: () => settings([SETTING.MAX_FRAME_SIZE, 16_383]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5.2",
    when: "MAX_FRAME_SIZE of 2^24",
    sends: () => settings([SETTING.MAX_FRAME_SIZE, 2 ** 24]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5.2",
    when: "MAX_FRAME_SIZE of 16,384 and of 2^24 - 1",
    sends: () => settings([SETTING.MAX_FRAME_SIZE, 2 ** 24 - 1], [SETTING.MAX_FRAME_SIZE, 16_384]),
    verdict: IGNORED,
  },
  {
    section: "6.5.2",
    when: "HEADER_TABLE_SIZE of 2^32 - 1, MAX_HEADER_LIST_SIZE of 0",
    sends: () => settings([SETTING.HEADER_TABLE_SIZE, 2 ** 32 - 1], [SETTING.MAX_HEADER_LIST_SIZE, 0]),
    verdict: IGNORED,
  },
  {
    section: "6.5.2",
    when: "a bad value behind a good one of the same setting",
    sends: () => settings([SETTING.ENABLE_PUSH, 0], [SETTING.ENABLE_PUSH, 7]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5.3",
    when: "SETTINGS with ACK that acknowledge nothing",
    sends: () => settingsAck(),
    verdict: IGNORED,
  },
  {
    section: "6.6",
    when: "PUSH_PROMISE from a client",
    roles: ["server"],
    sends: ({ stream }) => pushPromise(stream, 2, get()),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.6",
    when: "PUSH_PROMISE from a server, which was told that push is off",
    roles: ["client"],
    sends: ({ stream }) => pushPromise(stream, 2, get()),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.6",
    when: "PUSH_PROMISE on stream 0",
    sends: () => pushPromise(0, 2, get()),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.6",
    when: "PUSH_PROMISE on a closed stream",
    state: "closed",
    sends: ({ stream }) => pushPromise(stream, 2, get()),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.7",
    when: "PING on a stream",
    sends: ({ stream }) => frame(TYPE.PING, 0, stream, "12345678"),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.7",
    when: "PING of seven bytes",
    sends: () => ping("1234567"),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.7",
    when: "PING of nine bytes",
    sends: () => ping("123456789"),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.7",
    when: "PING with ACK of seven bytes",
    sends: () => ping("1234567", true),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.7",
    when: "PING with ACK that answers none of ours",
    sends: () => ping("unsought", true),
    verdict: IGNORED,
  },
  {
    section: "6.8",
    when: "GOAWAY on a stream",
    sends: ({ stream }) => frame(TYPE.GOAWAY, 0, stream, Buffer.alloc(8)),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.8",
    when: "GOAWAY of seven bytes",
    sends: () => frame(TYPE.GOAWAY, 0, 0, Buffer.alloc(7)),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
];

/** RFC 9113 6.9 and 6.10: WINDOW_UPDATE, CONTINUATION. */
export const REST_OF_FRAMES: readonly Rule[] = [
  {
    section: "6.9",
    when: "WINDOW_UPDATE by 0 on a stream",
    sends: ({ stream }) => windowUpdate(stream, 0),
    verdict: streamError("PROTOCOL_ERROR"),
  },
  {
    section: "6.9",
    when: "WINDOW_UPDATE by 0 on the connection",
    sends: () => windowUpdate(0, 0),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.9",
    when: "WINDOW_UPDATE by 0 with the reserved bit set",
    sends: () => windowUpdate(0, 2 ** 31),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.9",
    when: "WINDOW_UPDATE by 1 with the reserved bit set",
    sends: ({ stream }) => windowUpdate(stream, 2 ** 31 + 1),
    verdict: IGNORED,
  },
  {
    section: "6.9",
    when: "WINDOW_UPDATE of three bytes",
    sends: ({ stream }) => frame(TYPE.WINDOW_UPDATE, 0, stream, "\0\0\x01"),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.9",
    when: "WINDOW_UPDATE of five bytes",
    sends: () => frame(TYPE.WINDOW_UPDATE, 0, 0, "\0\0\0\0\x01"),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.9.1",
    when: "WINDOW_UPDATE that makes the connection's window larger than 2^31 - 1",
    sends: () => windowUpdate(0, 2 ** 31 - 1),
    verdict: connectionError("FLOW_CONTROL_ERROR"),
  },
  {
    section: "6.9.1",
    when: "WINDOW_UPDATE that makes a stream's window larger than 2^31 - 1",
    sends: ({ stream }) => windowUpdate(stream, 2 ** 31 - 1),
    verdict: streamError("FLOW_CONTROL_ERROR"),
  },
  {
    section: "6.9.1",
    when: "WINDOW_UPDATEs that together make a stream's window larger than 2^31 - 1",
    sends: ({ stream }) => Buffer.concat([windowUpdate(stream, 2 ** 30), windowUpdate(stream, 2 ** 30)]),
    verdict: streamError("FLOW_CONTROL_ERROR"),
  },
  {
    section: "6.9.1",
    when: "WINDOW_UPDATE that makes a stream's window exactly 2^31 - 1",
    sends: ({ stream }) => windowUpdate(stream, 2 ** 31 - 1 - 65_535),
    verdict: IGNORED,
  },
  {
    section: "6.9.2",
    when: "INITIAL_WINDOW_SIZE that makes the window of an open stream larger than 2^31 - 1",
    sends: ({ stream }) =>
      Buffer.concat([windowUpdate(stream, 2 ** 30), settings([SETTING.INITIAL_WINDOW_SIZE, 2 ** 31 - 1])]),
    verdict: connectionError("FLOW_CONTROL_ERROR"),
  },
  {
    section: "6.10",
    when: "CONTINUATION on stream 0",
    sends: () => continuation(0, TRAILERS),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.10",
    when: "CONTINUATION on stream 0 inside a block",
    state: "waiting",
    sends: ({ stream, head }) => Buffer.concat([headers(stream, head, { endHeaders: false }), continuation(0)]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.10",
    when: "CONTINUATION on another stream",
    state: "waiting",
    sends: ({ stream, head }) =>
      Buffer.concat([headers(stream, head, { endHeaders: false }), continuation(stream + 2)]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.10",
    when: "CONTINUATION behind HEADERS with END_HEADERS",
    state: "waiting",
    sends: ({ stream, head }) => Buffer.concat([headers(stream, head), continuation(stream, TRAILERS)]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.10",
    when: "CONTINUATION behind CONTINUATION with END_HEADERS",
    state: "waiting",
    sends: ({ stream, head }) =>
      Buffer.concat([
        headers(stream, head, { endHeaders: false }),
        continuation(stream),
        continuation(stream, TRAILERS),
      ]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.10",
    when: "CONTINUATION behind DATA",
    sends: ({ stream }) => Buffer.concat([data(stream, "x"), continuation(stream, TRAILERS)]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.10",
    when: "a block in HEADERS and ten CONTINUATIONs",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) => {
      const whole = get();
      const pieces = Array.from({ length: 10 }, (_, i) =>
        continuation(stream, i < 9 ? whole.subarray(i + 1, i + 2) : whole.subarray(10), i === 9),
      );
      return Buffer.concat([headers(stream, whole.subarray(0, 1), { end: true, endHeaders: false }), ...pieces]);
    },
    verdict: answered(200),
  },
  {
    section: "6.10",
    when: "HEADERS again before the block has ended",
    state: "waiting",
    sends: ({ stream, head }) =>
      Buffer.concat([headers(stream, head, { endHeaders: false }), headers(stream, post(), { end: true })]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
];

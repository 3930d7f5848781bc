import { get, status } from "../field-block.ts";
import { continuation, data, frame, headers, priority, reset, TYPE } from "../frames.ts";
import { answered, connectionError, IGNORED, type Rule } from "../rule.ts";

/** RFC 9113 6.2. */
export const HEADERS: readonly Rule[] = [
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
];

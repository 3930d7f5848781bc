import { get, type Pair } from "../field-block.ts";
import { continuation, frame, headers, ping, priority, reset, settings, TYPE } from "../frames.ts";
import { answered, connectionError, IGNORED, type Rule, streamError } from "../rule.ts";

const MORE: Pair = ["x-more", "y"];

/** RFC 9113 5.3, 5.4, 5.5 and 7: priorities, errors, extensions, unknown codes. */
export const ERRORS: readonly Rule[] = [
  {
    section: "5.3.2",
    when: "HEADERS with a priority",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      headers(stream, get(), { end: true, priority: { dependsOn: 0, weight: 255, exclusive: true } }),
    verdict: answered(200),
  },
  {
    section: "5.3.2",
    when: "HEADERS with a priority that depends on a stream that nobody knows",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      headers(stream, get(), { end: true, priority: { dependsOn: 99, weight: 0, exclusive: false } }),
    verdict: answered(200),
  },
  {
    section: "5.3.2",
    when: "HEADERS with a priority that depends on its own stream, as RFC 7540 forbade",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      headers(stream, get(), { end: true, priority: { dependsOn: stream, weight: 0, exclusive: false } }),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.3.2",
    when: "PRIORITY that depends on its own stream, as RFC 7540 forbade",
    sends: ({ stream }) => priority(stream, stream),
    verdict: streamError("PROTOCOL_ERROR"),
  },
  {
    section: "5.3.2",
    when: "PRIORITY_UPDATE of RFC 9218",
    sends: ({ stream }) => frame(TYPE.PRIORITY_UPDATE, 0, 0, Buffer.from([0, 0, 0, stream, 0x75, 0x3d, 0x31])),
    verdict: IGNORED,
  },
  {
    section: "5.4.2",
    when: "RST_STREAM of an open stream, to which no RST_STREAM is sent",
    sends: ({ stream }) => reset(stream, 0),
    verdict: IGNORED,
  },
  {
    section: "5.5",
    when: "a frame of an unknown type on a stream that nobody knows",
    sends: () => frame(0x42, 0, 777, "x"),
    verdict: IGNORED,
  },
  {
    section: "5.5",
    when: "a setting that nobody knows",
    sends: () => settings([0xff, 1], [0x0, 0xffffffff]),
    verdict: IGNORED,
  },
  {
    section: "5.5",
    when: "a frame of an unknown type between HEADERS and CONTINUATION",
    state: "waiting",
    sends: ({ stream, head }) =>
      Buffer.concat([headers(stream, head, { endHeaders: false }), frame(0x42, 0, stream), continuation(stream)]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.5",
    when: "a frame of an unknown type in the middle of trailers",
    sends: ({ stream, head }) =>
      Buffer.concat([headers(stream, head, { endHeaders: false, end: true }), frame(0x42, 0, 0), ping()]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "7",
    when: "RST_STREAM with a code that nobody knows",
    sends: ({ stream }) => reset(stream, 0xffffffff),
    verdict: IGNORED,
  },
  {
    section: "8.1",
    when: "a request with a field that nobody knows",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, get("/ok", MORE), { end: true }),
    verdict: answered(200),
  },
];

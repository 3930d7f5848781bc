import { get, post } from "../field-block.ts";
import { continuation, data, headers } from "../frames.ts";
import { answered, connectionError, type Rule } from "../rule.ts";
import { TRAILERS } from "../whole-messages.ts";

/** RFC 9113 6.10. */
export const CONTINUATION: readonly Rule[] = [
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

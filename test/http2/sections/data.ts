import { data, frame, TYPE } from "../frames.ts";
import { connectionError, IGNORED, type Rule } from "../rule.ts";

/** RFC 9113 6.1. */
export const DATA: readonly Rule[] = [
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
];

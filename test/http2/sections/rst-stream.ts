import { frame, reset, TYPE } from "../frames.ts";
import { connectionError, type Rule } from "../rule.ts";

/** RFC 9113 6.4. */
export const RST_STREAM: readonly Rule[] = [
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

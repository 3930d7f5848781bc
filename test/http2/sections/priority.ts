import { frame, priority, TYPE } from "../frames.ts";
import { connectionError, type Rule, streamError } from "../rule.ts";

/** RFC 9113 6.3. */
export const PRIORITY: readonly Rule[] = [
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
];

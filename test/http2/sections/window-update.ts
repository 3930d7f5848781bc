import { frame, SETTING, settings, TYPE, windowUpdate } from "../frames.ts";
import { connectionError, IGNORED, type Rule, streamError } from "../rule.ts";

/** RFC 9113 6.9: what WINDOW_UPDATE may say. */
export const WINDOW_UPDATE: readonly Rule[] = [
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
];

import { get } from "../field-block.ts";
import { pushPromise } from "../frames.ts";
import { connectionError, type Rule } from "../rule.ts";

/** RFC 9113 6.6. */
export const PUSH_PROMISE: readonly Rule[] = [
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
];

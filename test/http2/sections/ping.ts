import { expect } from "vitest";
import { frame, ping, TYPE } from "../frames.ts";
import { client } from "../raw-peer.ts";
import { connectionError, IGNORED, type Rule, type Story } from "../rule.ts";
import { serving } from "../serving.ts";

/** RFC 9113 6.7. */
export const PING: readonly (Rule | Story)[] = [
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
    section: "6.7",
    when: "PING",
    role: "server",
    does: "is answered once, with the same eight bytes",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(ping("\0\xff\x80abcde"), ping("notours!", true));
      await peer.roundTrip();
      const answers = peer.frames.filter(({ type }) => type === TYPE.PING);
      expect(answers.map(({ flags, payload }) => [flags, payload.toString("latin1")])).toEqual([
        [1, "\0\xff\x80abcde"],
        [1, "00000000"],
      ]);
    },
  },
];

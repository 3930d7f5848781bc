import { expect, test } from "vitest";
import type { Heard } from "./calling.ts";
import { status } from "./field-block.ts";
import { type Frame, headers, reset, TYPE } from "./frames.ts";
import { stage } from "./stage.ts";

/** More than a peer may waste at once: no time passes here, in which some of that would come back. */
const MANY = 2_500;

test("thousands of answers that begin at once, and are reset at once, are no flood of their endpoint's", async () => {
  const { call, endpoint, accepted } = await stage();
  const heard: Heard[] = [call(endpoint)];
  const peer = await accepted();
  for (let i = 1; i < MANY; i++) heard.push(call(endpoint));
  const asked = (): readonly Frame[] => peer.frames.filter(({ type }) => type === TYPE.HEADERS);
  await peer.until("all requests", () => asked().length === MANY);
  const streams = asked().map(({ stream }) => stream);
  peer.send(...streams.map((stream) => headers(stream, status(200))));
  await Promise.all(heard.map((one) => one.answeredOrOver()));
  await peer.roundTrip();
  expect(heard.filter(({ failure }) => failure !== undefined)).toEqual([]);
  peer.send(...streams.slice(1).map((stream) => reset(stream)));
  await Promise.all(heard.slice(1).map((one) => one.over()));
  // The first one goes on.
  await peer.roundTrip();
  expect(heard[0]!.failure).toBeUndefined();
  expect(peer.frames.filter(({ type }) => type === TYPE.GOAWAY)).toEqual([]);
});

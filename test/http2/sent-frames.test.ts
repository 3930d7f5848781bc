import { expect, test } from "vitest";
import { block, get, type Pair, status } from "./field-block.ts";
import {
  continuation,
  data,
  frame,
  FrameCutter,
  goaway,
  headers,
  ping,
  priority,
  pushPromise,
  reset,
  settings,
  settingsAck,
  TYPE,
  windowUpdate,
} from "./frames.ts";
import { fieldReader } from "./read-block.ts";
import { SentFrames } from "./sent-frames.ts";

/** What is found wrong with frames, one after the other. */
function wrongIn(...bytes: readonly Buffer[]): readonly string[] {
  const sent = new SentFrames();
  const frames = new FrameCutter(fieldReader()).push(Buffer.concat(bytes));
  return frames.map((one) => sent.wrongIn(one)).filter((wrong) => wrong !== undefined);
}

const answer = headers(1, status(200));
const fields = (...pairs: readonly Pair[]): Buffer => headers(1, status(200, ...pairs));
const cut = headers(1, status(200), { endHeaders: false });

test("a connection with nothing wrong", () => {
  const first = [settings(), windowUpdate(0, 1), settingsAck(), ping("12345678", true)];
  const whole = [headers(1, status(103)), answer, data(1, "x"), headers(1, block(["x-sum", "5"]), { end: true })];
  const long = [headers(3, block(), { endHeaders: false, end: true }), continuation(3, status(204))];
  expect(wrongIn(...first, ...whole, ...long, reset(3), windowUpdate(5, 9), reset(5), goaway(7), goaway(5))).toEqual(
    [],
  );
});

test.each([
  ["a flag that means nothing", [frame(TYPE.PING, 0x40, 0, "12345678")]],
  ["padding", [answer, data(1, "x", { pad: 0 })]],
  ["the reserved bit", [ping(), headers(2 ** 31 + 1, get())]],
  ["longer than every peer takes", [answer, data(1, "x".repeat(16_385))]],
  ["no reason to send", [pushPromise(1, 2, get())]],
  ["no reason to send", [priority(1)]],
  ["the wrong stream", [frame(TYPE.PING, 0, 1, "12345678")]],
  ["the wrong stream", [data(0, "x")]],
  ["by 0", [windowUpdate(1, 0)]],
  ["once more", [settings(), settingsAck(), settings()]],
  ["inside a block", [cut, ping()]],
  ["CONTINUATION of nothing", [continuation(1)]],
  ["CONTINUATION of nothing", [cut, continuation(3)]],
  ["a later last stream", [goaway(1), goaway(3)]],
  ["behind RST_STREAM", [answer, reset(1), data(1, "x")]],
  ["behind RST_STREAM", [reset(1), windowUpdate(1, 1)]],
  ["behind RST_STREAM", [reset(1), reset(1)]],
  ["behind END_STREAM", [headers(1, status(200), { end: true }), data(1, "x")]],
  ["content before its head", [headers(1, status(103)), data(1, "x")]],
  ["not lower case", [fields(["X-Name", "v"])]],
  ["HTTP/1.1's connection", [fields(["connection", "close"])]],
  ["more than trailers", [fields(["te", "gzip"])]],
  ["a value that none may have", [fields(["x", "a\r\nb"])]],
  ["a value that none may have", [fields(["x", " a"])]],
  ["a pseudo-header", [fields([":status", "200"])]],
  ["a pseudo-header", [headers(1, block(["x", "v"], [":status", "200"]))]],
  ["a pseudo-header", [headers(1, block([":other", "200"]))]],
  ["pseudo-headers in trailers", [headers(1, block(["x", "v"]))]],
  ["pseudo-headers in trailers", [answer, headers(1, status(200), { end: true })]],
  ["not the end", [answer, headers(1, block(["x", "v"]))]],
  ["an interim answer that is the end", [headers(1, status(103), { end: true })]],
] as const)("finds %s (%#)", (what, bytes) => {
  expect(wrongIn(...bytes)).toEqual([expect.stringContaining(what)]);
});

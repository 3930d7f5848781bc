import type { RefusedBytes } from "@weft/http";
import { fakeTime } from "@weft/testkit";
import { expect, test } from "vitest";
import { CutOff } from "./cut-off.ts";

const PINGS = "too many PING frames";

function started() {
  const time = fakeTime();
  const lines: string[] = [];
  const cutOff = new CutOff("outbound", "of", time, ({ level, text }) => void lines.push(`${level}: ${text}`));
  const add = (detail: string, code = "enhance-your-calm", peer = "10.0.0.9:4"): void => {
    const bytes: RefusedBytes = { peer, protocol: "HTTP/2", status: 400, code, detail };
    cutOff.add(bytes);
  };
  return { time, lines, cutOff, add };
}

test("the first of each kind is told at once, those behind it once a minute", async () => {
  const { time, lines, add } = started();
  add(PINGS);
  add("too many SETTINGS");
  for (let i = 0; i < 500; i++) add(PINGS, undefined, `10.0.0.7:${i}`);
  await time.advance(59_999);
  expect(lines).toEqual([
    "warn: outbound: cut off the connection of 10.0.0.9:4 for a flood: too many PING frames",
    "warn: outbound: cut off the connection of 10.0.0.9:4 for a flood: too many SETTINGS",
  ]);
  await time.advance(1);
  expect(lines.slice(2)).toEqual([
    "warn: outbound: cut off 500 connections, the first of 10.0.0.7:0, for a flood: too many PING frames",
  ]);
});

test("a head that does not come in time is told of as that", () => {
  const { lines, add } = started();
  add("a head did not come in time", "slow-head");
  expect(lines).toEqual([
    "warn: outbound: cut off the connection of 10.0.0.9:4 for slowness: a head did not come in time",
  ]);
});

test("of endpoints it says to whom the connection was", async () => {
  const { time, lines } = started();
  const cutOff = new CutOff("service orders", "to", time, ({ text }) => void lines.push(text));
  for (let i = 1; i <= 3; i++) cutOff.flood(`10.0.0.${i}:80`, PINGS);
  await time.advance(60_000);
  expect(lines).toEqual([
    "service orders: cut off the connection to 10.0.0.1:80 for a flood: too many PING frames",
    "service orders: cut off 2 connections, the first to 10.0.0.2:80, for a flood: too many PING frames",
  ]);
});

test("a rule that was broken is no flood", () => {
  const { lines, add } = started();
  add("HEADERS on a stream that is closed", "stream-closed");
  add("no PING in time", "settings-timeout");
  expect(lines).toEqual([]);
});

test("what is left is told when the listener closes, and no timer is", () => {
  const { time, lines, cutOff, add } = started();
  for (let i = 0; i < 3; i++) add(PINGS);
  cutOff.close();
  expect(lines).toHaveLength(2);
  expect(time.pending()).toBe(0);
});

import { Socket } from "node:net";
import { fakeTime } from "@weft/testkit";
import { expect, test } from "vitest";
import { TurnedAway, type TurnedAwayConnections } from "./turned-away.ts";

function started() {
  const time = fakeTime();
  const told: TurnedAwayConnections[] = [];
  const turnedAway = new TurnedAway(time, (connections) => void told.push(connections));
  const add = (times: number, why = "full"): void => {
    for (let i = 0; i < times; i++) turnedAway.add(new Socket(), why);
  };
  return { time, told, turnedAway, add, counts: () => told.map(({ count }) => count) };
}

test("tells of the first at once, and of those behind it together", async () => {
  const { time, told, add, counts } = started();
  add(1);
  expect(told).toEqual([{ count: 1, peer: "", why: "full" }]);
  add(500);
  await time.advance(9_999);
  expect(counts()).toEqual([1]);
  await time.advance(1);
  expect(counts()).toEqual([1, 500]);
});

test("goes on every ten seconds while they come, and begins anew after that long without any", async () => {
  const { time, add, counts } = started();
  add(1);
  for (let i = 0; i < 3; i++) {
    add(2);
    await time.advance(10_000);
  }
  expect(counts()).toEqual([1, 2, 2, 2]);
  await time.advance(10_000);
  expect(time.pending()).toBe(0);
  add(1);
  expect(counts()).toEqual([1, 2, 2, 2, 1]);
});

test("tells of what is left when it is closed, and leaves no timer", () => {
  const { time, turnedAway, add, counts } = started();
  add(3);
  turnedAway.close();
  expect(counts()).toEqual([1, 2]);
  expect(time.pending()).toBe(0);
});

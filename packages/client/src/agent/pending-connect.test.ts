import { Socket } from "node:net";
import { expect, test } from "vitest";
import { PendingConnect } from "./pending-connect.ts";

test("awaits the socket on its way, and no other", () => {
  const connect = new PendingConnect();
  const socket = new Socket();
  expect(connect.awaits(socket)).toBe(false);
  connect.dialling(socket, () => {});
  expect([connect.awaits(socket), connect.awaits(new Socket())]).toEqual([true, false]);
});

test("gives a connect up once, and only while it is on its way", () => {
  const connect = new PendingConnect();
  let abandoned = 0;
  connect.hangUp(); // an idle connection is being looked for: there is nothing to give up
  connect.dialling(new Socket(), () => abandoned++);
  connect.hangUp();
  connect.hangUp();
  expect(abandoned).toBe(1);
});

test("leaves a socket alone that the request has got", async () => {
  const connect = new PendingConnect();
  const socket = new Socket();
  connect.dialling(socket, () => expect.unreachable());
  connect.settle(undefined);
  connect.hangUp();
  expect(connect.awaits(socket)).toBe(false);
  await expect(connect.result).resolves.toBeUndefined();
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { bothSides } from "./compare.ts";
import { type RawServer, rawServer } from "./raw-server.ts";

// Each row of the table in docs/fetch.md that a program can check: what differs, and how far.
let server: RawServer;
beforeAll(async () => {
  server = await rawServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const whole = "HTTP/1.1 200 OK\r\nx-a: spaced   \r\ncontent-length: 4\r\n\r\nbody";

test("a Headers object sends its names in lower case and sorted", async () => {
  const { theirs, ours } = await bothSides(
    server,
    (socket) => socket.write(whole),
    (f, origin) =>
      f(origin, {
        headers: new Headers([
          ["X-Two", "2"],
          ["X-One", "1"],
        ]),
      }),
  );
  const own = ({ seen }: typeof ours) => seen[0]?.lines.filter((line) => /^x-/i.test(line));
  expect(own(theirs)).toEqual(["X-Two: 2", "X-One: 1"]);
  expect(own(ours)).toEqual(["x-one: 1", "x-two: 2"]);
});

test("white space after a response header's value is dropped", async () => {
  const { theirs, ours } = await bothSides(
    server,
    (socket) => socket.write(whole),
    (f, origin) => f(origin),
  );
  expect(theirs.observation["headers"]).toContainEqual(["x-a", "spaced   "]);
  expect(ours.observation["headers"]).toContainEqual(["x-a", "spaced"]);
});

test("a fast call leaves no entry in the performance timeline", async () => {
  performance.clearResourceTimings();
  const { ours, theirs } = await bothSides(
    server,
    (socket) => socket.write(whole),
    (f, origin) => f(origin),
  );
  expect([ours.route, theirs.route]).toEqual(["fast", "built-in"]);
  await new Promise(setImmediate);
  expect(performance.getEntriesByType("resource")).toHaveLength(1); // theirs
});

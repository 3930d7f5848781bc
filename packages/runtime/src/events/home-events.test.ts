import { afterEach, beforeEach, expect, type MockInstance, test, vi } from "vitest";
import { homeEvents } from "./home-events.ts";

const HELD = { service: "orders", reason: "none is left" };
const MOVED = { service: "orders", from: "pending", to: "live" } as const;

let warn: MockInstance<typeof process.emitWarning>;
beforeEach(() => {
  warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
});
afterEach(() => warn.mockRestore());

test("what a listener throws is a warning with its stack, once for each event", () => {
  const events = homeEvents();
  const told: string[] = [];
  events.on("discovery.held", () => {
    throw new Error("no such table");
  });
  events.on("discovery.held", ({ reason }) => void told.push(reason));
  events.emit("discovery.held", HELD);
  events.emit("discovery.held", HELD);
  expect(told).toEqual(["none is left", "none is left"]);
  expect(warn.mock.calls).toEqual([
    [
      "a listener of discovery.held failed",
      { type: "WeftListenerWarning", detail: expect.stringMatching(/^Error: no such table\n +at /) },
    ],
  ]);
  events.on("discovery.freshness", () => {
    throw new Error("nor this");
  });
  events.emit("discovery.freshness", MOVED);
  expect(warn).toHaveBeenCalledTimes(2);
});

test("an async listener whose promise breaks is told of in the same way", async () => {
  const events = homeEvents();
  events.on("discovery.held", () => Promise.reject(new Error("no such table")));
  events.emit("discovery.held", HELD);
  await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(1));
});

test.each([
  ["throws", () => raise()],
  ["is async and fails", () => Promise.reject(new Error("no such table"))],
])("an onEvent that %s harms nobody, and is told of", async (_, onEvent) => {
  const events = homeEvents(onEvent);
  const told: string[] = [];
  events.on("discovery.held", ({ reason }) => void told.push(reason));
  events.emit("discovery.held", HELD);
  expect(told).toEqual(["none is left"]);
  await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(1));
});

test.each([
  ["nothing", undefined],
  ["an object without a prototype", Object.create(null) as unknown],
  ["an error whose message cannot be read", Object.defineProperty(new Error("x"), "message", { get: raise })],
])("a listener that throws %s is told of all the same", (_, thrown) => {
  const events = homeEvents(() => {
    throw thrown;
  });
  events.emit("discovery.held", HELD);
  expect(warn).toHaveBeenCalledTimes(1);
});

test("onEvent is told every event, before those who listen by name", () => {
  const told: string[] = [];
  const events = homeEvents((name) => void told.push(`all: ${name}`));
  events.on("discovery.held", () => void told.push("by name"));
  expect(events.wants("discovery.freshness")).toBe(true);
  events.emit("discovery.held", HELD);
  events.emit("discovery.freshness", MOVED);
  expect(told).toEqual(["all: discovery.held", "by name", "all: discovery.freshness"]);
});

test("an event that nobody listens to need not be built", () => {
  expect(homeEvents().wants("discovery.held")).toBe(false);
});

function raise(): never {
  throw new Error("no such table");
}

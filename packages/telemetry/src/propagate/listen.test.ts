import { channel } from "node:diagnostics_channel";
import { expect, test } from "vitest";
import { listen } from "./listen.ts";

test("what a later version tells in another shape ends nothing", () => {
  const told: string[] = [];
  listen<{ readonly request: { readonly name: string } }>("weft:test:begins", ({ request }) => told.push(request.name));
  for (const message of [{ request: { name: "a" } }, {}, { request: null }, { request: { name: "b" } }]) {
    channel("weft:test:begins").publish(message);
  }
  expect(told).toEqual(["a", "b"]);
});

import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { endedByReset } from "./ended-by-reset.ts";

test.each([
  { what: "whose peer is known", writable: true, remoteAddress: "127.0.0.1", reset: false },
  { what: "whose peer is known no more", writable: true, remoteAddress: undefined, reset: true },
  { what: "whose own side had ended", writable: false, remoteAddress: undefined, reset: false },
])("the end of a socket $what", ({ writable, remoteAddress, reset }) => {
  expect(endedByReset({ writable, remoteAddress } as Socket)).toBe(reset);
});

import { inspect } from "node:util";
import { expect, test } from "vitest";
import { ReceivedResponse } from "./received-response.ts";

const head = {
  status: 201,
  statusText: "Made",
  headers: { "content-type": "text/x", "set-cookie": ["a", "b"] },
  url: "http://orders/a",
};

test("is a Response with an address and headers that cannot be changed", () => {
  const response: Response = new ReceivedResponse(null, head);
  expect(response).toBeInstanceOf(Response);
  expect([response.url, response.type, response.redirected, response.status]).toEqual([head.url, "basic", false, 201]);
  expect(response.headers.getSetCookie()).toEqual(["a", "b"]);
  expect(() => response.headers.set("a", "b")).toThrow(new TypeError("immutable"));
  expect(inspect(response)).toMatch(/^Response \{/);
});

test("is a Response to those that build another from it", async () => {
  const response: Response = new ReceivedResponse(new Blob(["body"]).stream(), head);
  const other = new Response(response.body, response);
  expect([other.status, other.headers.get("content-type"), await other.text()]).toEqual([201, "text/x", "body"]);
});

test("clones with all it knows", async () => {
  const response: Response = new ReceivedResponse(new Blob(["body"]).stream(), head);
  const clone = response.clone();
  expect([clone.url, clone.type, clone.statusText, await clone.text()]).toEqual([head.url, "basic", "Made", "body"]);
  expect(await response.text()).toBe("body");
});

test("gives its blob the content type it came with", async () => {
  const response: Response = new ReceivedResponse(new Blob(["body"]).stream(), head);
  expect((await response.blob()).type).toBe("text/x");
});

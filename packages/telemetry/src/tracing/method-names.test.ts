import { expect, test } from "vitest";
import { httpMethod, rpcMethods } from "./method-names.ts";

test("methods of HTTP are those that the conventions know", () => {
  expect(["GET", "QUERY", "get", "BREW", ""].map(httpMethod)).toEqual(["GET", "QUERY", "_OTHER", "_OTHER", "_OTHER"]);
});

test("a method of gRPC has a name from the first answer of an endpoint on", () => {
  const nameOf = rpcMethods();
  expect(nameOf("/a.B/C", -1)).toBe("_OTHER");
  expect(nameOf("/a.B/C", 12)).toBe("_OTHER");
  expect(nameOf("/a.B/C", 0)).toBe("a.B/C");
  expect(nameOf("/a.B/C", -1)).toBe("a.B/C");
});

test("no more methods of gRPC are told apart than were allowed, and no endless name", () => {
  const nameOf = rpcMethods(2);
  expect(["/a/1", "/a/2", "/a/3", "/a/1"].map((path) => nameOf(path, 0))).toEqual(["a/1", "a/2", "_OTHER", "a/1"]);
  expect(rpcMethods()(`/a/${"x".repeat(300)}`, 0)).toBe("_OTHER");
});

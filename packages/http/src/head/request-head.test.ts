import { expect, test } from "vitest";
import { emptyRequestParts, RequestHead } from "./request-head.ts";
import { FieldList } from "./field-list.ts";

const TEXT = { ...emptyRequestParts("1.1"), method: "GET", target: "/a", authority: "orders", contentLength: 3 };

test.each([
  ["text", new RequestHead({ ...TEXT, lines: "B3: 1-2\r\nAccept: */*\r\nb3: 0\r\n" })],
  [
    "a list",
    new RequestHead({ ...TEXT, version: "2", list: new FieldList(["b3", "1-2", "accept", "*/*", "b3", "0"]) }),
  ],
])("a head of %s gives another one with fields set anew and taken away, and stays as it is", (_, head) => {
  const other = head.with(["b3", "7-8", "accept", "", "tracestate", "a=1"]);
  expect([...other.entries()]).toEqual([
    ["b3", "7-8"],
    ["tracestate", "a=1"],
  ]);
  expect(head.all("b3")).toEqual(["1-2", "0"]);
  expect(other).toMatchObject({ method: "GET", target: "/a", authority: "orders", contentLength: 3 });
  expect(other.version).toBe(head.version);
});

test("what no field may hold is refused", () => {
  expect(() => new RequestHead(TEXT).with(["b3", "a\r\nb: c"])).toThrow(RangeError);
});

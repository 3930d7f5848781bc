import { ownRequest, type RequestHead } from "@weft/http";
import { expect, test } from "vitest";
import { headOfNextHop, hopsLeft } from "./max-forwards.ts";

function headOf(method: string, lines: string): RequestHead {
  return ownRequest({ method, target: "*", authority: "orders", lines }).head;
}

test.each([
  ["OPTIONS", "Max-Forwards: 0\r\n", 0, "0"],
  ["OPTIONS", "Max-Forwards: 1\r\n", 1, "0"],
  ["OPTIONS", "max-forwards: 10\r\n", 10, "9"],
  ["OPTIONS", "Max-Forwards: -1\r\n", Number.POSITIVE_INFINITY, "-1"],
  ["OPTIONS", "Max-Forwards: 1, 0\r\n", Number.POSITIVE_INFINITY, "1, 0"],
  ["OPTIONS", "", Number.POSITIVE_INFINITY, undefined],
  ["GET", "Max-Forwards: 0\r\n", Number.POSITIVE_INFINITY, "0"],
])("of %s with %j %d hops are left, and the next is told %s", (method, lines, left, told) => {
  const head = headOf(method, lines);
  expect(hopsLeft(head)).toBe(left);
  expect(headOfNextHop(head).get("max-forwards")).toBe(told);
});

test("a head that says nothing of hops goes on as it is", () => {
  const head = headOf("OPTIONS", "Accept: */*\r\n");
  expect(headOfNextHop(head)).toBe(head);
});

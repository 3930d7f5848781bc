import { expect, test } from "vitest";
import { readView, writeView } from "../pages/view.js";

test("nothing stands in the address while everything is as at the start", () => {
  expect(writeView(readView(""))).toBe("");
});

test.each([
  "?service=orders",
  "?service=orders&find=o&order=name&out&like=10.0&all&failed&call=orders%3A12",
  "?service=a%26b%3Dc%23d&call=a%3Ab%3A1",
])("the address is what it was read from: %s", (address) => {
  expect(writeView(readView(address))).toBe(address);
});

test("an address that somebody made up is read as far as it makes sense", () => {
  expect(readView("?order=sideways&service&out=no&what=ever&find=%zz")).toMatchObject({
    order: "trouble",
    service: "",
    out: true,
    find: "%zz",
  });
  expect(readView(`?service=${"x".repeat(9_000)}`).service).toHaveLength(500);
});

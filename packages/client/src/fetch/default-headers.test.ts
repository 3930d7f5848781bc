import { expect, test } from "vitest";
import { defaultHeaders } from "./default-headers.ts";

test("knows what the built-in fetch adds, in its order, by scheme and host", () => {
  const of = defaultHeaders(fetch);
  const names = (origin: string) => of(origin)?.afterLength.map(([name]) => name);
  expect(of("http://orders")?.beforeLength.map(([name]) => name)).toEqual(["accept", "accept-language"]);
  expect(names("http://orders")).toEqual(expect.arrayContaining(["user-agent", "accept-encoding"]));
  expect(names("https://orders")).toEqual(expect.arrayContaining(["sec-fetch-mode"]));
});

test("asks once for each origin", () => {
  let asked = 0;
  const of = defaultHeaders((input, init) => {
    asked++;
    return fetch(input, init);
  });
  expect(of("http://orders")).toBe(of("http://orders"));
  of("http://users");
  expect(asked).toBe(2);
});

test("knows nothing of an origin that fetch refuses", () => {
  expect(defaultHeaders(fetch)("http://orders:6000")).toBeUndefined();
});

test("knows nothing when the built-in fetch does not dispatch at once", () => {
  expect(defaultHeaders(() => Promise.reject(new Error("later")))("http://orders")).toBeUndefined();
});

import { describe, expect, test } from "vitest";
import { fastRequest } from "./fast-request.ts";

const ports = {
  owns: (url: URL) => url.hostname === "orders",
  defaults: () => ({ beforeLength: [["accept", "*/*"]], afterLength: [["user-agent", "node"]] }) as const,
};

describe("fast request", () => {
  test("puts fetch's own headers around the length, after the caller's", () => {
    const request = fastRequest("http://orders/a?b#c", { method: "post", body: "ü", headers: { "X-A": "1" } }, ports);
    expect(request).toMatchObject({ url: "http://orders/a?b", origin: "http://orders", path: "/a?b", method: "POST" });
    expect(Object.entries(request?.headers ?? {})).toEqual([
      ["X-A", "1"],
      ["content-type", "text/plain;charset=UTF-8"],
      ["accept", "*/*"],
      ["content-length", "2"],
      ["user-agent", "node"],
    ]);
    expect(request?.ownHeaders).toBe(2);
  });

  test("leaves URLs that are not ours to the built-in fetch", () => {
    expect(fastRequest("http://else/", undefined, ports)).toBeUndefined();
  });

  test("copies bytes, which the caller may change after the call", () => {
    const body = Uint8Array.of(1, 2);
    const request = fastRequest("http://orders/", { method: "PUT", body }, ports);
    body.fill(9);
    expect(request?.body).toEqual(Buffer.of(1, 2));
  });

  test("copies headers, which the caller may change after the call", () => {
    const headers = { "x-a": "1" };
    const request = fastRequest("http://orders/", { headers }, ports);
    headers["x-a"] = "2";
    expect(request?.headers["x-a"]).toBe("1");
  });

  test.each([
    { referrer: "" },
    { integrity: "x" },
    { dispatcher: {} },
    { window: null },
    { signal: AbortSignal.abort() },
  ])("leaves %o to the built-in fetch", (init) => {
    expect(fastRequest("http://orders/", init, ports)).toBeUndefined();
  });

  test("does not guess what an origin unknown to the built-in fetch would get", () => {
    expect(fastRequest("http://orders/", undefined, { ...ports, defaults: () => undefined })).toBeUndefined();
  });
});

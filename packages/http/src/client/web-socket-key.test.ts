import { expect, test } from "vitest";
import { webSocketAccept, webSocketKey } from "./web-socket-key.ts";

test("a key is answered as RFC 6455 1.3 has it", () => {
  expect(webSocketAccept("dGhlIHNhbXBsZSBub25jZQ==")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

test("a key is 16 bytes of chance", () => {
  const keys = Array.from({ length: 100 }, webSocketKey);
  expect(new Set(keys).size).toBe(100);
  for (const key of keys) expect(Buffer.from(key, "base64")).toHaveLength(16);
});

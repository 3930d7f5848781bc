import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { findJaeger } from "../../examples/demo/jaeger.ts";
import { JAEGER, startRealJaeger } from "../real/real-jaeger.ts";

const reason = JAEGER.kind === "missing" ? ` (${JAEGER.skip})` : "";

test.skipIf(JAEGER.kind === "missing")(`the demo finds a Jaeger that runs${reason}`, async () => {
  if (JAEGER.kind === "missing") return;
  const jaeger = await startRealJaeger(JAEGER.path);
  onTestFinished(() => jaeger.stop());
  const at = { otlp: jaeger.otlpUrl, page: jaeger.queryUrl };
  expect(await findJaeger(at)).toBe(at);
});

test("where nobody listens, or somebody else does, there is none", async () => {
  expect(await findJaeger({ otlp: "http://127.0.0.1:1", page: "http://127.0.0.1:1" })).toBeUndefined();
  const server = createServer((_, response) => response.writeHead(404).end("not here"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a host and a port
  expect(await findJaeger({ otlp: url, page: url })).toBeUndefined();
});

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { otlpSender, type OtlpSenderOptions } from "./otlp-sender.ts";

/** What a collector gets of one message that is to be packed by that gzip. */
async function sentWith(gzip: NonNullable<OtlpSenderOptions["gzip"]>) {
  const got: { encoding: string | undefined; text: string }[] = [];
  const collector = createServer((request, response) => {
    void buffer(request).then((bytes) => {
      got.push({ encoding: request.headers["content-encoding"], text: bytes.toString() });
      response.end();
    });
  }).listen(0, "127.0.0.1");
  await once(collector, "listening");
  onTestFinished(() => void collector.close());
  const { port } = collector.address() as AddressInfo; // it listens on a port
  const url = new URL(`http://127.0.0.1:${port}/v1/traces`);
  const sender = otlpSender({ url, headers: {}, timeoutMs: 10_000, compression: "gzip", gzip });
  onTestFinished(() => sender.close());
  const delivery = await sender.send(await sender.pack(Buffer.from("spans")));
  return { delivery: delivery.kind, got };
}

test("what was packed says so", async () => {
  const got = [{ encoding: "gzip", text: "packed" }];
  expect(await sentWith((_bytes, done) => done(null, Buffer.from("packed")))).toEqual({ delivery: "accepted", got });
});

test.each<[how: string, gzip: NonNullable<OtlpSenderOptions["gzip"]>]>([
  ["fails", (_bytes, done) => done(new Error("no memory"), Buffer.alloc(0))],
  [
    "throws",
    () => {
      throw new Error("no memory");
    },
  ],
])("a message is sent as it is when packing it %s", async (_how, gzip) => {
  const got = [{ encoding: undefined, text: "spans" }];
  expect(await sentWith(gzip)).toEqual({ delivery: "accepted", got });
});

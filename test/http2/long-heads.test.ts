import { type OutgoingRequest, SERVER_LIMITS } from "@weft/http";
import { expect, test } from "vitest";
import { literal, request } from "./field-block.ts";
import { continuation, headers } from "./frames.ts";
import { client } from "./raw-peer.ts";
import { serving } from "./serving.ts";
import { requestOf, stage } from "./stage.ts";

/** The longest head that the policy file allows. */
const MIB = 1024 * 1024;

/** A request with that block, in frames of 16 KiB. */
function long(stream: number, whole: Buffer): Buffer {
  const frames = [headers(stream, whole.subarray(0, 16_384), { end: true, endHeaders: whole.length <= 16_384 })];
  for (let at = 16_384; at < whole.length; at += 16_384) {
    frames.push(continuation(stream, whole.subarray(at, at + 16_384), at + 16_384 >= whole.length));
  }
  return Buffer.concat(frames);
}

test.each([80 * 1024, MIB])(
  "a listener whose limit is %d bytes takes a head of nearly that, and no longer one",
  async (maxHeadBytes) => {
    const { address, requests } = await serving({ limits: { ...SERVER_LIMITS, maxHeadBytes } });
    const peer = await client(address);
    peer.send(long(1, request("GET", "/ok", ["x-long", "v".repeat(maxHeadBytes - 1_000)])));
    expect((await peer.message(1)).status).toBe("200");
    peer.send(long(3, request("GET", "/longer", ["x-long", "v".repeat(maxHeadBytes)])));
    expect((await peer.message(3)).status).toBe("431");
    peer.send(headers(5, Buffer.concat([request("GET", "/ok"), literal("x-a", "v")]), { end: true }));
    expect((await peer.message(5)).status).toBe("200");
    expect(requests).toEqual(["/ok", "/ok"]);
  },
);

test("a head of 1 MiB goes to an endpoint as it came", async () => {
  const { address, exchanges, until } = await serving({ limits: { ...SERVER_LIMITS, maxHeadBytes: MIB } });
  const caller = await client(address);
  const value = "v".repeat(MIB - 1_000);
  caller.send(long(1, request("GET", "/hold", ["x-long", value])));
  await until(() => exchanges.length === 1);
  const { head } = exchanges[0]!;
  const outgoing: OutgoingRequest = {
    head,
    traceparent: "",
    deadline: "",
    grpcTimeout: "",
    via: "",
    upgrades: false,
    body: undefined,
  };
  const { pools, endpoint, accepted } = await stage();
  pools.send(endpoint, outgoing, { informed() {}, answered() {}, ended() {} });
  const { fields } = await requestOf(await accepted(), "/hold");
  expect(new Map(fields).get("x-long")).toBe(value);
});

import { type OutgoingRequest, SERVER_LIMITS } from "@weft/http";
import { expect, test } from "vitest";
import { literal, request } from "./field-block.ts";
import { continuation, type Frame, headers, SETTING, settings, settingsAck } from "./frames.ts";
import { client, isAck } from "./raw-peer.ts";
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

/** What a request counts for, by RFC 9113 6.5.2. */
function bytesOf({ fields = [] }: Frame): number {
  return fields.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
}

test("a head that is larger than the endpoint takes is not sent there, nor on the next connection to it", async () => {
  const all = await stage();
  const { endpoint: to, accepted, call } = all;
  // The size of the request is what another endpoint counts.
  const measured = await stage();
  measured.call(measured.endpoint, { path: "/same", lines: "X-Long: vvv\r\n" });
  const bytes = bytesOf(await requestOf(await measured.accepted(), "/same"));
  const held = call(to, { path: "/" });
  const peer = await accepted(0, [SETTING.MAX_HEADER_LIST_SIZE, bytes]);
  call(to, { path: "/same", lines: "X-Long: vvv\r\n" });
  await requestOf(peer, "/same");
  const refused = [call(to, { path: "/same", lines: "X-Long: vvvv\r\n" })];
  peer.socket.destroy();
  await held.over();
  refused.push(call(to, { path: "/same", lines: "X-Long: vvvv\r\n" }));
  const next = await all.connection(1);
  for (const heard of refused) {
    expect((await heard.over()).failure).toMatchObject({
      code: "PROTOCOL_ERROR",
      outcome: { kind: "ignored" },
      sent: "no",
      problem: `the head of the request has ${bytes + 1} bytes, and the endpoint takes ${bytes} (SETTINGS_MAX_HEADER_LIST_SIZE)`,
    });
  }
  // There nothing of that is said: it takes any head.
  next.send(settings(), settingsAck());
  await next.frame(isAck);
  call(to, { path: "/longer", lines: `X-Long: ${"v".repeat(10_000)}\r\n` });
  await requestOf(next, "/longer");
});

test.each([0, MIB])("an endpoint that says it takes %d bytes of a head is sent any", async (value) => {
  const { endpoint: to, accepted, call } = await stage();
  call(to, { path: "/" });
  const peer = await accepted(0, [SETTING.MAX_HEADER_LIST_SIZE, value]);
  call(to, { path: "/long", lines: `X-Long: ${"v".repeat(10_000)}\r\n` });
  await requestOf(peer, "/long");
});

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

import { expect, onTestFinished, test } from "vitest";
import { flood } from "../http2/flood.ts";
import { ping } from "../http2/frames.ts";
import { client, type RawEndpoint, rawEndpoint } from "../http2/raw-peer.ts";
import { requestOf } from "../http2/stage.ts";
import { call, type SidecarRig, sidecarRig } from "./rig.ts";

interface FloodedRig {
  readonly rig: SidecarRig;
  readonly endpoint: RawEndpoint;
  /** What the sidecar has said to its operator. */
  readonly lines: readonly string[];
  /** That sample of `/metrics`. */
  metric(sample: string): Promise<string>;
}

/** A sidecar over one endpoint that speaks HTTP/2, and does nothing by itself. */
async function floodedRig(): Promise<FloodedRig> {
  const endpoint = await rawEndpoint();
  const lines: string[] = [];
  const rig = await sidecarRig({
    count: 0,
    registered: [endpoint.endpoint],
    policy: { protocol: "http2", retry: "off" },
    options: { log: ({ level, text }) => void lines.push(`${level}: ${text}`) },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return {
    rig,
    endpoint,
    lines,
    async metric(sample) {
      const { body } = await rig.admin("/metrics");
      return body.split("\n").find((line) => line.startsWith(`${sample} `)) ?? "";
    },
  };
}

test("an endpoint that is cut off for a flood is told of and counted", async () => {
  const { rig, endpoint, lines, metric } = await floodedRig();
  const answer = call(rig.port, "/a");
  const peer = await endpoint.accepted();
  await requestOf(peer, "/a");
  await flood(peer, 20_000, () => ping());
  expect(await answer).toMatchObject({ status: 502, body: expect.stringContaining("too many PING frames") });
  const { host, port } = endpoint.endpoint;
  expect(lines).toEqual([
    `warn: service orders: cut off the connection to ${host}:${port} for a flood: too many PING frames`,
  ]);
  const sample = 'weft_http2_upstream_floods_total{service="orders"}';
  expect(await metric(sample)).toBe(`${sample} 1`);
});

test("a caller that is cut off for a flood is told of and counted", async () => {
  const { rig, lines, metric } = await floodedRig();
  const peer = await client(`127.0.0.1:${rig.port}`);
  const at = `127.0.0.1:${peer.socket.localPort}`;
  await flood(peer, 20_000, () => ping());
  await peer.ending();
  expect(lines).toEqual([`warn: outbound: cut off the connection of ${at} for a flood: too many PING frames`]);
  const sample = 'weft_http2_downstream_floods_total{listener="outbound"}';
  expect(await metric(sample)).toBe(`${sample} 1`);
});

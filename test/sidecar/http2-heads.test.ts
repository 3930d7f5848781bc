import { expect, onTestFinished, test } from "vitest";
import { block } from "../http2/field-block.ts";
import { headers, SETTING } from "../http2/frames.ts";
import { client, rawEndpoint } from "../http2/raw-peer.ts";
import { requestOf } from "../http2/stage.ts";
import { call, sidecarRig } from "./rig.ts";

/** More than an endpoint takes that says 1,000 bytes. */
const LONG = "v".repeat(1_000);

test("a request whose head is larger than the endpoint takes is answered by the sidecar, in the caller's terms", async () => {
  const endpoint = await rawEndpoint();
  const rig = await sidecarRig({
    count: 0,
    registered: [endpoint.endpoint],
    policy: { protocol: "http2" },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const first = call(rig.port, "/first");
  const peer = await endpoint.accepted(0, [SETTING.MAX_HEADER_LIST_SIZE, 1_000]);
  const { stream } = await requestOf(peer, "/first");
  const { status, body } = await call(rig.port, "/a", { headers: { "x-long": LONG } });
  expect(status).toBe(502);
  expect(JSON.parse(body)).toMatchObject({
    code: "PROTOCOL_ERROR",
    detail: expect.stringMatching(
      /attempt 1: endpoint .*: the head of the request has \d+ bytes, and the endpoint takes 1000/,
    ),
  });
  const caller = await client(`127.0.0.1:${rig.port}`);
  const grpc = block(
    [":method", "POST"],
    [":scheme", "http"],
    [":authority", "orders"],
    [":path", "/a.B/C"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ["x-long", LONG],
  );
  caller.send(headers(1, grpc, { end: true }));
  const answer = await caller.message(1);
  expect(answer.fields.get("grpc-status")).toBe("13");
  expect(answer.fields.get("grpc-message")).toContain("SETTINGS_MAX_HEADER_LIST_SIZE");
  // The connection has seen nothing of it.
  peer.send(headers(stream, block([":status", "204"]), { end: true }));
  expect((await first).status).toBe(204);
  expect(endpoint.connections).toBe(1);
});

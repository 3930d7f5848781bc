import { once } from "node:events";
import { request } from "node:http";
import { createServer } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Echo } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { rawCaller } from "../http/raw-caller.ts";
import { call, sidecarRig, type SidecarRig, type SidecarRigOptions } from "./rig.ts";

const FAILED = { status: 503, body: "not now" } as const;
const PIECE = "0123456789".repeat(100);

async function started(options?: SidecarRigOptions): Promise<SidecarRig> {
  const rig = await sidecarRig(options);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

const FRAMINGS: readonly { readonly how: string; readonly headers: Readonly<Record<string, string>> }[] = [
  { how: "in chunks", headers: {} },
  { how: "with its length", headers: { "content-length": String(40 * PIECE.length) } },
];

/** Sends a PUT piece by piece. @returns its status and what the endpoint says that it received */
async function upload(port: number, count: number, headers: Readonly<Record<string, string>> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const sent = request({
    host: "127.0.0.1",
    port,
    method: "PUT",
    agent: false,
    headers: { host: "orders", ...headers },
  });
  sent.on("error", reject).on("response", (response) => {
    let text = "";
    response.on("data", (bytes) => (text += String(bytes))).on("error", reject);
    response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
  });
  for (let i = 0; i < count; i++) {
    sent.write(PIECE);
    await nextTurn();
  }
  sent.end();
  return promise;
}

/** A server that answers as soon as it hears anything, and then waits for its connection to be closed. */
async function answersAtOnce(bytes: string): Promise<{ readonly port: number; readonly closed: Promise<void> }> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.once("data", () => socket.write(bytes));
    socket.on("error", () => {}).on("close", () => resolve());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, closed };
}

test.each(FRAMINGS)("a streamed body that comes $how is sent again, byte for byte", async ({ headers }) => {
  const { port, endpoints, journal } = await started();
  endpoints.at(0).next(FAILED);
  const { status, text } = await upload(port, 40, headers);
  expect(status).toBe(200);
  const echo = JSON.parse(text) as Echo; // the endpoint's default answer
  expect(echo).toMatchObject({ endpoint: "endpoint-2", body: PIECE.repeat(40) });
  expect(endpoints.at(0).requests[0]?.body.toString()).toBe(PIECE.repeat(40));
  expect(journal.of("retry.started")).toHaveLength(1);
});

test.each(FRAMINGS)(
  "a streamed body beyond retry.bufferBytes that comes $how is not sent again",
  async ({ headers }) => {
    const { port, endpoints, journal } = await started({ policy: { retry: { bufferBytes: "8KiB" } } });
    endpoints.at(0).next(FAILED);
    expect(await upload(port, 40, headers)).toEqual({ status: 503, text: "not now" });
    expect(journal.of("retry.denied")).toEqual([{ service: "orders", reason: "body" }]);
    expect(endpoints.at(1).requests).toEqual([]);
  },
);

test("an endpoint that answers 503 inside the request leaves the rest of the body to the next", async () => {
  const { port, endpoints, registry, journal } = await started({ count: 1 });
  // Neither its answer nor the request is complete when the next attempt begins.
  const early = await answersAtOnce("HTTP/1.1 503 Not Now\r\nContent-Length: 4000\r\n\r\nnot all of it");
  registry.set("orders", [{ id: "early", host: "127.0.0.1", port: early.port }, endpoints.at(0).asEndpoint()]);
  const caller = rawCaller(`127.0.0.1:${port}`);
  caller.send(`PUT / HTTP/1.1\r\nHost: orders\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n${PIECE}\r\n`);
  await journal.next("retry.started");
  await endpoints.at(0).connected();
  await early.closed;
  caller.send(`3e8\r\n${PIECE}\r\n0\r\n\r\n`);
  await caller.shows('"endpoint":"endpoint-1"');
  expect(endpoints.at(0).requests[0]?.body.toString()).toBe(PIECE + PIECE);
});

test("a replaced answer that breaks off does not take the call with it", async () => {
  const { port, endpoints } = await started();
  const long = { ...FAILED, body: "x".repeat(20_000) };
  endpoints.at(0).next({ kind: "reset", at: "body", answer: long });
  endpoints.at(1).always({ body: "fine", delayMs: 30 });
  expect(await call(port, "/")).toMatchObject({ status: 200, body: "fine" });
});

test("a replaced answer that never ends is let go of with the call", async () => {
  const { port, endpoints, held } = await started();
  endpoints.at(0).next({ kind: "stall", at: "inside-body", answer: { ...FAILED, body: "x".repeat(20_000) } });
  expect((await call(port, "/")).status).toBe(200);
  await endpoints.at(0).allClosed();
  expect(await held()).toMatchObject({ calls: 0, pending: 0 });
});

test("what the caller repeats itself (x-attempt) is not repeated here when an endpoint may have worked on it", async () => {
  const { port, endpoints, journal } = await started();
  const headers = { "x-attempt": "1/3;by=sdk" };
  endpoints.at(0).next({ kind: "reset", at: "request" }, FAILED);
  expect((await call(port, "/", { headers })).status).toBe(502);
  expect((await call(port, "/", { headers })).status).toBe(503);
  await endpoints.at(0).refuse();
  expect((await call(port, "/", { headers })).status).toBe(200);
  expect(journal.of("retry.started").map(({ why }) => why)).toEqual(["connect-failure"]);
});

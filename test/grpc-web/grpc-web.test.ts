import { once } from "node:events";
import { connect } from "node:http2";
import { createConnection } from "node:net";
import { gunzipSync, gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { checkPolicy, type Address, type InboundInput } from "@weft/config";
import { createSidecar, type Sidecar } from "@weft/sidecar";
import { fakeEndpoint } from "@weft/testkit";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type GrpcJsServer, grpcJsServer } from "../grpc/grpc-js-server.ts";
import { http2Server } from "../grpc/http2-server.ts";
import { DUPLEX_CALL, OUTPUT_CALL, sizeOf, UNARY_CALL, UNIMPLEMENTED_METHOD, zeros } from "../grpc/test-service.ts";
import { portOf } from "../sidecar/rig.ts";
import { trailersOf, webAnswer, webFetch, webFrame, webFrames } from "./web-client.ts";

let server: GrpcJsServer;
beforeEach(async () => {
  server = await grpcJsServer();
  onTestFinished(() => server[Symbol.asyncDispose]());
});

/** The port of a sidecar in front of the app. */
async function before(app: Address, inbound: Partial<InboundInput> = { protocol: "grpc" }): Promise<number> {
  return portOf(await sidecarBefore(app, inbound), "inbound");
}

async function sidecarBefore(app: Address, inbound: Partial<InboundInput>): Promise<Sidecar> {
  const sidecar = await createSidecar({ policy: policyOf(app, inbound) });
  onTestFinished(() => sidecar.close());
  await sidecar.ready;
  return sidecar;
}

function policyOf(app: Address, inbound: Partial<InboundInput>) {
  return checkPolicy(
    {
      version: 1,
      sidecar: { inbound: { listen: "127.0.0.1:0", app, ...inbound } },
      telemetry: { accessLog: "off" },
    },
    { home: "sidecar" },
  ).policy;
}

describe.each([
  { form: "binary", text: false },
  { form: "text", text: true },
])("a call of gRPC-Web in $form", ({ text }) => {
  const type = `application/grpc-web${text ? "-text" : ""}+proto`;

  test("is answered by a server of gRPC, status and metadata included", async () => {
    const port = await before(server.address);
    const fields = { "x-grpc-test-echo-initial": "first", "x-grpc-test-echo-trailing-bin": "AQID" };
    const request = { responseSize: 314_159, payload: zeros(271_828) };
    const answer = await webAnswer(await webFetch(port, UNARY_CALL, [request], { text, fields }), UNARY_CALL);
    expect(answer).toMatchObject({
      http: 200,
      type,
      trailers: { "grpc-status": "0", "x-grpc-test-echo-trailing-bin": "AQID" },
    });
    expect(answer.messages.map(sizeOf)).toEqual([314_159]);
    expect(answer.fields.get("x-grpc-test-echo-initial")).toBe("first");
    expect(answer.fields.get("content-length")).toBeNull();
  });

  test("gets each message of a stream as it comes", async () => {
    const port = await before(server.address);
    const { readable, writable } = new TransformStream<Uint8Array>();
    const writer = writable.getWriter();
    const send = (size: number): void => {
      const bytes = webFrame(DUPLEX_CALL.requestSerialize({ responseParameters: [{ size }] }));
      void writer.write(text ? Buffer.from(bytes.toString("base64")) : bytes);
    };
    send(1);
    const answer = await webFetch(port, DUPLEX_CALL, [], { text, body: readable });
    const frames = webFrames(answer);
    for (const size of [1, 22, 3_333, 44_444]) {
      if (size > 1) send(size);
      const { value } = await frames.next();
      expect(value?.flags).toBe(0);
      expect(sizeOf(DUPLEX_CALL.responseDeserialize(value!.bytes))).toBe(size);
    }
    void writer.close();
    const last = await frames.next();
    expect([last.value?.flags, trailersOf(last.value!.bytes)]).toMatchObject([0x80, { "grpc-status": "0" }]);
    expect((await frames.next()).done).toBe(true);
  });

  test("gets a status without a message as a frame of the body", async () => {
    const port = await before(server.address);
    const answer = await webAnswer(await webFetch(port, UNIMPLEMENTED_METHOD, [{}], { text }), UNIMPLEMENTED_METHOD);
    expect(answer).toMatchObject({ http: 200, type, messages: [], trailers: { "grpc-status": "12" } });
    expect(answer.fields.get("grpc-status")).toBeNull();
  });

  test("gets the status of an error with what the server says", async () => {
    const port = await before(server.address);
    const request = { responseStatus: { code: status.FAILED_PRECONDITION, message: "not today: 100 % of ☃" } };
    const { trailers } = await webAnswer(await webFetch(port, UNARY_CALL, [request], { text }), UNARY_CALL);
    expect(trailers?.["grpc-status"]).toBe("9");
    expect(decodeURIComponent(trailers?.["grpc-message"] ?? "")).toBe("not today: 100 % of ☃");
  });

  test("whose frame is cut short is the server's to refuse", async () => {
    const port = await before(server.address);
    const frame = webFrame(UNARY_CALL.requestSerialize({ payload: zeros(100) }));
    for (const to of [3, 5, frame.length - 1]) {
      const cut = frame.subarray(0, to);
      const body = text ? cut.toString("base64") : cut;
      const answer = await webAnswer(await webFetch(port, UNARY_CALL, [], { text, body }), UNARY_CALL);
      expect(answer.messages, `${to} bytes`).toEqual([]);
      expect(answer.trailers?.["grpc-status"]).not.toBe("0");
    }
  });

  test("is told UNAVAILABLE when the app is gone", async () => {
    const port = await before(server.address);
    server.server.forceShutdown();
    const answer = await webAnswer(await webFetch(port, UNARY_CALL, [{}], { text }), UNARY_CALL);
    expect(answer).toMatchObject({ http: 200, type, messages: [], trailers: { "grpc-status": "14" } });
  });

  test("keeps to the deadline that it brings", async () => {
    const port = await before(server.address);
    const { readable, writable } = new TransformStream<Uint8Array>();
    const writer = writable.getWriter();
    void writer.write(Buffer.from(text ? "AAAA" : "\0\0\0")); // the server waits for the rest
    const seen = server.next();
    const fields = { "grpc-timeout": "200m" };
    const answer = await webAnswer(
      await webFetch(port, DUPLEX_CALL, [], { text, fields, body: readable }),
      DUPLEX_CALL,
    );
    expect(answer).toMatchObject({ http: 200, messages: [], trailers: { "grpc-status": "4" } });
    expect((await seen).leftMs).toBeLessThanOrEqual(200);
    await (
      await seen
    ).cancelled;
    await writer.abort().catch(() => {});
  });

  test("is cancelled at the server when its caller leaves", async () => {
    const port = await before(server.address);
    const leaving = new AbortController();
    const { readable, writable } = new TransformStream<Uint8Array>();
    const writer = writable.getWriter();
    const bytes = webFrame(DUPLEX_CALL.requestSerialize({ responseParameters: [{ size: 1 }] }));
    void writer.write(text ? Buffer.from(bytes.toString("base64")) : bytes);
    const seen = server.next();
    const answer = await webFetch(port, DUPLEX_CALL, [], { text, body: readable, signal: leaving.signal });
    const frames = webFrames(answer);
    expect((await frames.next()).value?.flags).toBe(0);
    leaving.abort();
    await expect(frames.next()).rejects.toThrow(/abort/i);
    await (
      await seen
    ).cancelled;
    await writer.abort().catch(() => {});
  });

  test("keeps its messages compressed, and told so, both ways", async () => {
    const compressing = await http2Server();
    onTestFinished(() => compressing[Symbol.asyncDispose]());
    const port = await before(compressing.address);
    const request = { expectCompressed: { value: true }, responseCompressed: { value: true }, responseSize: 1_000 };
    const frame = webFrame(gzipSync(UNARY_CALL.requestSerialize(request)), 1);
    const fields = { "grpc-encoding": "gzip", "grpc-accept-encoding": "gzip" };
    const answer = await webFetch(port, UNARY_CALL, [], {
      text,
      fields,
      body: text ? frame.toString("base64") : frame,
    });
    const frames = webFrames(answer);
    const { value: first } = await frames.next();
    expect(answer.headers.get("grpc-encoding")).toBe("gzip");
    expect(first?.flags).toBe(1);
    expect(sizeOf(UNARY_CALL.responseDeserialize(gunzipSync(first!.bytes)))).toBe(1_000);
    expect(trailersOf((await frames.next()).value!.bytes)).toMatchObject({ "grpc-status": "0" });
  });

  test("goes through by HTTP/2 as well", async () => {
    const session = connect(`http://127.0.0.1:${await before(server.address)}`);
    onTestFinished(() => session.destroy());
    const frame = webFrame(OUTPUT_CALL.requestSerialize({ responseParameters: [{ size: 5 }, { size: 70_000 }] }));
    const stream = session.request({ ":method": "POST", ":path": OUTPUT_CALL.path, "content-type": type });
    stream.end(text ? frame.toString("base64") : frame);
    const [head] = (await once(stream, "response")) as [Record<string, string | number>]; // by node:http2's documentation
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer); // no encoding is set
    const headers = { "content-type": String(head["content-type"]) };
    const answer = await webAnswer(new Response(Buffer.concat(chunks), { headers }), OUTPUT_CALL);
    expect(head[":status"]).toBe(200);
    expect(answer.messages.map(sizeOf)).toEqual([5, 70_000]);
    expect(answer).toMatchObject({ type, trailers: { "grpc-status": "0" } });
  });
});

test("text may come in several pieces of base64, at every split of the bytes", async () => {
  const port = await before(server.address);
  const frame = webFrame(UNARY_CALL.requestSerialize({ responseSize: 3, payload: zeros(2) }));
  for (let at = 1; at < frame.length; at++) {
    const body = `${frame.subarray(0, at).toString("base64")}${frame.subarray(at).toString("base64")}`;
    const answer = await webAnswer(await webFetch(port, UNARY_CALL, [], { text: true, body }), UNARY_CALL);
    expect(answer.messages.map(sizeOf), `split at ${at}`).toEqual([3]);
  }
});

test.each(["AAAAAAA", "AAAA=AAA", "AAAAA!AA", "AAAAAAAA\r\n"])(
  "text that is no base64 is refused: %j",
  async (body) => {
    const port = await before(server.address);
    const answer = await webAnswer(await webFetch(port, UNARY_CALL, [], { text: true, body }), UNARY_CALL);
    expect(answer).toMatchObject({ http: 200, messages: [], trailers: { "grpc-status": "13" } });
    expect(server.seen).toHaveLength(0);
  },
);

test("text that turns out to be no base64 is refused, and cancelled at the server", async () => {
  const port = await before(server.address);
  const seen = server.next();
  const socket = createConnection(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const first = webFrame(DUPLEX_CALL.requestSerialize({})).toString("base64");
  socket.write(
    `POST ${DUPLEX_CALL.path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/grpc-web-text\r\n` +
      `Transfer-Encoding: chunked\r\n\r\n${first.length.toString(16)}\r\n${first}\r\n`,
  );
  const { cancelled } = await seen;
  socket.write("1\r\n!\r\n");
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  await cancelled;
  expect(text).toMatch(/^HTTP\/1\.1 200 .*Connection: close/s);
  const [, size = "", end = ""] = /\r\n\r\n([0-9a-f]+)\r\n(\S+)\r\n0\r\n\r\n$/.exec(text) ?? [];
  expect(Number.parseInt(size, 16)).toBe(end.length);
  expect(trailersOf(Buffer.from(end, "base64").subarray(5))).toMatchObject({ "grpc-status": "13" });
});

describe("what is off", () => {
  test("stays as it is, and so does every preflight", async () => {
    const app = await fakeEndpoint({ name: "app" });
    onTestFinished(() => app.close());
    const port = await before(`${app.host}:${app.port}`, {});
    const answer = await webFetch(port, UNARY_CALL, [{}], { text: true });
    const { headers } = (await answer.json()) as { headers: Record<string, string> };
    expect(headers["content-type"]).toBe("application/grpc-web-text+proto");
    const preflight = await fetch(`http://127.0.0.1:${port}${UNARY_CALL.path}`, { method: "OPTIONS" });
    expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });

  test("is on after a reload that says so", async () => {
    const sidecar = await sidecarBefore(server.address, {});
    const port = portOf(sidecar, "inbound");
    await sidecar.reload(policyOf(server.address, { grpcWeb: true }));
    const answer = await webAnswer(await webFetch(port, UNARY_CALL, [{}]), UNARY_CALL);
    expect(answer.trailers).toMatchObject({ "grpc-status": "0" });
  });
});

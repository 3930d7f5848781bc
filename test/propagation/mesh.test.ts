import { request } from "node:http";
import { createMesh, type Mesh } from "@weft/client";
import { callTracing, propagation, type SpanSink } from "@weft/telemetry";
import { request as undiciRequest } from "undici";
import { afterAll, beforeAll, describe, test } from "vitest";
import { answerOf, responseOf } from "../client/node-http.ts";
import { type Carrier, judgeCarried } from "./judge-carried.ts";
import { askingService, CALLS, echoEndpoint, type Listening, sendLines, traceLines } from "./servers.ts";
import { type Lines, W3C_CASES } from "./w3c-cases.ts";

/** Each way of calling through the mesh, with the lines that came. */
const WAYS: Readonly<Record<string, (mesh: Mesh, lines: Lines) => Promise<string>>> = {
  async "mesh.fetch"(mesh, lines) {
    const headers = new Headers();
    for (const [name, value] of lines) headers.append(name, value);
    const response = await mesh.fetch("http://orders/", { headers });
    return response.text();
  },
  async "undici's request"(mesh, lines) {
    const response = await undiciRequest("http://orders/", { dispatcher: mesh.dispatcher, headers: lines.flat() });
    return response.body.text();
  },
  async "node:http"(mesh, lines) {
    const headers: Record<string, string[]> = {};
    for (const [name, value] of lines) (headers[name.toLowerCase()] ??= []).push(value);
    const sent = request("http://orders/", { agent: mesh.agent(), headers }).end();
    const { body } = await answerOf(await responseOf(sent));
    return body;
  },
};

/** Takes spans, and forgets them. */
const FORGETFUL: SpanSink = { write() {}, dropped: 0, close: () => Promise.resolve() };

let endpoint: Listening;
let mesh: Mesh<"orders">;
beforeAll(async () => {
  endpoint = await echoEndpoint();
  const formats = propagation({ extract: ["tracecontext", "b3", "b3multi"], inject: ["tracecontext"] });
  const tracing = callTracing({
    sampling: () => ({ sampleRatio: 1, keepFailed: true, keepSlowerThanMs: Number.POSITIVE_INFINITY }),
    attempts: () => "spans",
    propagation: () => formats,
    sink: () => FORGETFUL,
    nowMs: () => performance.now(),
    epochMs: Date.now,
  });
  mesh = createMesh({ registry: { orders: [`127.0.0.1:${endpoint.port}`] }, telemetry: { tracing } });
});
afterAll(async () => {
  await mesh.close();
  await endpoint[Symbol.asyncDispose]();
});

describe.each(Object.keys(WAYS))("an app that copies headers to calls of %s", (way) => {
  let service: Listening;
  beforeAll(async () => {
    service = await askingService((lines) => WAYS[way]!(mesh, traceLines(lines)));
  });
  afterAll(() => service[Symbol.asyncDispose]());

  const carrier: Carrier = {
    carry: (lines, calls) => sendLines(service.port, [...lines, [CALLS, String(calls)]]),
  };

  test.each(W3C_CASES)("$title", async ({ requests }) => {
    for (const each of requests) await judgeCarried(carrier, each, { spans: true });
  });
});

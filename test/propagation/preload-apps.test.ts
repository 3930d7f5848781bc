import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:http2";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf, responseOf } from "../client/node-http.ts";
import { ASK } from "./ask.ts";
import { GRPC_APP, OTEL_APP, PLAIN_APP, PRELOAD, runApp } from "./run-app.ts";
import { BY, echoEndpoint, type Listening, sendLines } from "./servers.ts";
import type { Lines } from "./w3c-cases.ts";

// What kinds of apps the preload serves, and whom it tells of a trace.

const TRACE = "5a1c0de0000000000000000000c0ffee";
const PARENT: Lines = [["traceparent", `00-${TRACE}-00c0ffee5a1c0de1-01`]];

let endpoint: Listening;
let orders: string;
beforeAll(async () => {
  endpoint = await echoEndpoint();
  orders = `http://127.0.0.1:${endpoint.port}/`;
});
afterAll(() => endpoint[Symbol.asyncDispose]());

test("an app in CommonJS carries a trace", async () => {
  const code = `
    const { createServer, get } = require("node:http");
    const server = createServer((request, response) => {
      get(process.env.ORDERS, (answer) => { response.write("["); answer.on("end", () => response.end("]")); answer.pipe(response, { end: false }); });
    });
    server.listen(0, "127.0.0.1", () => console.log(server.address().port));`;
  await using app = await runApp([...PRELOAD, "--eval", code], { ORDERS: orders });
  const [sent = []] = await sendLines(app.port, PARENT);
  expect(traceparents(sent)).toEqual([PARENT[0]![1]]);
});

test("an app that begins when a body has come, by its listeners, carries the trace of each", async () => {
  const code = `
    const { createServer, get } = require("node:http");
    const server = createServer((request, response) => {
      request.resume().on("end", () => get(process.env.ORDERS, (answer) => answer.pipe(response)));
    });
    server.listen(0, "127.0.0.1", () => console.log(server.address().port));`;
  await using app = await runApp([...PRELOAD, "--eval", code], { ORDERS: orders });
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const ask = async (traceparent: string): Promise<string> => {
    const headers = { expect: "100-continue", ...(traceparent === "" ? {} : { traceparent }) };
    const sent = request({ host: "127.0.0.1", port: app.port, method: "POST", agent, headers });
    sent.once("continue", () => sent.end("a body")); // so it comes apart from the head
    const { body } = await answerOf(await responseOf(sent));
    return traceparents(JSON.parse(body) as Lines)[0] ?? ""; // the endpoint's answer
  };
  const given = Array.from({ length: 60 }, (_, n) => (n % 3 === 0 ? "" : `trace-${n}`));
  expect(await Promise.all(given.map(ask))).toEqual(given);
  agent.destroy();
});

test("an app that serves gRPC carries the trace of each call", async () => {
  await using app = await runApp([...PRELOAD, GRPC_APP], { ORDERS: orders });
  const client = new Client(`127.0.0.1:${app.port}`, credentials.createInsecure());
  const ask = (traceparent: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const metadata = new Metadata();
      if (traceparent !== "") metadata.set("traceparent", traceparent);
      const { path, requestSerialize, responseDeserialize } = ASK;
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        Buffer.from("?"),
        metadata,
        (error, bytes) => {
          if (error !== null) reject(error);
          else resolve(traceparents(JSON.parse(String(bytes)) as Lines)[0] ?? ""); // the endpoint's answer
        },
      );
    });
  const given = Array.from({ length: 60 }, (_, n) => (n % 3 === 0 ? "" : `trace-${n}`));
  expect(await Promise.all(given.map(ask))).toEqual(given);
  client.close();
});

test("an app that serves HTTP/2 carries the trace of each stream, and lends it to clients that nothing is added to", async () => {
  const code = `
    import { createServer } from "node:http2";
    import { carriedHeaders } from "@weft/telemetry/propagate";
    const server = createServer(async (request, response) => {
      const sent = await (await fetch(process.env.ORDERS)).json();
      response.end(JSON.stringify({ sent, lent: carriedHeaders() }));
    });
    server.listen(0, "127.0.0.1", () => console.log(server.address().port));`;
  await using app = await runApp([...PRELOAD, "--input-type=module", "--eval", code], { ORDERS: orders });
  const session = connect(`http://127.0.0.1:${app.port}`);
  const ask = async (traceparent: string): Promise<{ sent: Lines; lent: object }> => {
    const stream = session.request(traceparent === "" ? { ":path": "/" } : { ":path": "/", traceparent });
    let body = "";
    for await (const chunk of stream.setEncoding("utf8")) body += String(chunk);
    return JSON.parse(body) as { sent: Lines; lent: object }; // the app's answer
  };
  const given = Array.from({ length: 30 }, (_, n) => (n % 3 === 0 ? "" : `trace-${n}`));
  const answers = await Promise.all(given.map(ask));
  expect(answers.map(({ sent }) => traceparents(sent)[0] ?? "")).toEqual(given);
  expect(answers.map(({ lent }) => lent)).toEqual(given.map((traceparent) => (traceparent ? { traceparent } : {})));
  session.close();
  await once(session, "close");
});

describe.each(["fetch", "node:http's own agent"])("an app that calls by %s", (by) => {
  test("carries a trace through a proxy to a service that it calls by its name", async () => {
    const env = { ORDERS: "http://orders/", HTTP_PROXY: orders, NODE_USE_ENV_PROXY: "1" };
    await using app = await runApp([...PRELOAD, PLAIN_APP], env);
    const [sent = []] = await sendLines(app.port, [...PARENT, [BY, by]]);
    expect(traceparents(sent)).toEqual([PARENT[0]![1]]);
  });

  test("carries nothing to a host that may be somebody else's", async () => {
    const env = { ORDERS: "http://api.example.com/", HTTP_PROXY: orders, NODE_USE_ENV_PROXY: "1" };
    await using app = await runApp([...PRELOAD, PLAIN_APP], env);
    const [sent = []] = await sendLines(app.port, [...PARENT, [BY, by]]);
    expect(sent).toContainEqual([expect.stringMatching(/^host$/i), "api.example.com"]);
    expect(traceparents(sent)).toEqual([]);
  });

  test("carries it to the hosts that WEFT_PROPAGATE_TO names, and no other", async () => {
    const elsewhere = { ORDERS: orders, WEFT_PROPAGATE_TO: "api.example.com" };
    await using named = await runApp([...PRELOAD, PLAIN_APP], { ...elsewhere, WEFT_PROPAGATE_TO: "127.0.0.1" });
    await using other = await runApp([...PRELOAD, PLAIN_APP], elsewhere);
    const [sent = []] = await sendLines(named.port, [...PARENT, [BY, by]]);
    const [kept = []] = await sendLines(other.port, [...PARENT, [BY, by]]);
    expect(traceparents(sent)).toEqual([PARENT[0]![1]]);
    expect(traceparents(kept)).toEqual([]);
  });

  test("has one traceparent beside OpenTelemetry, which is that one's", async () => {
    await using app = await runApp([...PRELOAD, OTEL_APP], { ORDERS: orders });
    const [sent = []] = await sendLines(app.port, [...PARENT, ["tracestate", "a=1"], [BY, by]]);
    const [traceparent = "", ...more] = traceparents(sent);
    expect(more).toEqual([]);
    expect(traceparent.split("-")[1]).toBe(TRACE);
    expect(traceparent).not.toBe(PARENT[0]![1]);
  });
});

test("an app is not started with a list of hosts that is none", async () => {
  const started = runApp([...PRELOAD, PLAIN_APP], { ORDERS: orders, WEFT_PROPAGATE_TO: "http://orders" });
  await expect(started).rejects.toThrow(/WEFT_PROPAGATE_TO: "http:\/\/orders" is not private, \*, the name of a host/);
});

function traceparents(lines: Lines): readonly string[] {
  return lines.filter(([name]) => name.toLowerCase() === "traceparent").map(([, value]) => value);
}

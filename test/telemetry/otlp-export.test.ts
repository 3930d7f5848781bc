import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { otlpExport, type OtlpExportOptions, type SpanSink } from "@weft/telemetry";
import { describe, expect, onTestFinished, test } from "vitest";
import { aSpan } from "./a-span.ts";
import { type FakeCollector, fakeCollector } from "./fake-collector.ts";
import { readOtlp } from "./read-otlp.ts";

function sinkTo(url: string, changes: Partial<OtlpExportOptions> = {}): SpanSink {
  const sink = otlpExport({ url, serviceName: "web", intervalMs: 1, ...changes });
  onTestFinished(() => sink.close());
  return sink;
}

async function collecting(): Promise<FakeCollector> {
  const collector = await fakeCollector();
  onTestFinished(() => collector.close());
  return collector;
}

describe("a collector that takes spans", () => {
  test("reads each of them as it was written, with who made it", async () => {
    const collector = await collecting();
    const sink = sinkTo(`${collector.url}/`, { headers: { "x-token": "t" }, resource: { "service.version": "7" } });
    sink.write(aSpan());
    const [span] = await collector.has(1);
    expect(span).toEqual({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      parentSpanId: "00f067aa0ba902b7",
      flags: 0x301, // sampled, and the parent known to be remote
      name: "GET orders",
      kind: 3,
      startNanos: "1767225600123250000",
      endNanos: "1767225600133500000",
      attributes: aSpan().attributes,
      events: [{ name: "weft.decision", nanos: "1767225600124000000", attributes: { "weft.decision": "pick" } }],
      links: [
        {
          traceId: "0af7651916cd43dd8448eb211c80319c",
          spanId: "b7ad6b7169203332",
          attributes: { "weft.link": "hedge-of" },
        },
      ],
      status: { code: 2, message: "grün" },
    });
    expect(collector.messages[0]).toMatchObject({
      resource: { "service.name": "web", "service.version": "7", "telemetry.sdk.name": "weft" },
      scope: "weft",
    });
    expect(collector.requests[0]).toMatchObject({
      method: "POST",
      url: "/v1/traces",
      headers: { "content-type": "application/x-protobuf", "x-token": "t" },
    });
  });

  test("gets many in few messages, over one connection", async () => {
    const collector = await collecting();
    const sink = sinkTo(collector.url);
    for (let i = 0; i < 3_000; i++) sink.write(aSpan({ name: `call ${i}` }));
    const spans = await collector.has(3_000);
    expect(spans.map(({ name }) => name)).toEqual(Array.from({ length: 3_000 }, (_, i) => `call ${i}`));
    expect(collector.messages.length).toBeLessThan(5);
    expect(new Set(collector.requests.map(({ socket }) => socket)).size).toBe(1);
    expect(sink.dropped).toBe(0);
  });

  test("gets what was written just before the end", async () => {
    const collector = await collecting();
    const sink = sinkTo(collector.url, { intervalMs: 60_000 });
    sink.write(aSpan());
    await sink.close();
    expect(collector.spans).toHaveLength(1);
    sink.write(aSpan());
    expect(sink.dropped).toBe(1);
  });

  test("is sent what no buffer was made for", async () => {
    const collector = await collecting();
    const sink = sinkTo(collector.url);
    const long = "ü".repeat(100_000);
    sink.write(aSpan({ attributes: { long, empty: "", negative: -3, large: 2 ** 53 - 1, none: Number.NaN } }));
    const [span] = await collector.has(1);
    expect(span?.attributes).toEqual({ long, empty: "", negative: -3, large: 2 ** 53 - 1, none: Number.NaN });
    sink.write(aSpan({ attributes: { long: "x".repeat(2_000_000) } }));
    expect(sink.dropped).toBe(1);
  });
});

describe("what is sent", () => {
  test("is packed where that is asked for", async () => {
    const collector = await collecting();
    const received = Promise.withResolvers<readonly [string | undefined, Buffer]>();
    collector.bytes = (request, bytes) => received.resolve([request.headers["content-encoding"], bytes]);
    const sink = sinkTo(collector.url, { compression: "gzip" });
    for (let i = 0; i < 100; i++) sink.write(aSpan());
    const [encoding, bytes] = await received.promise;
    expect(encoding).toBe("gzip");
    const [message] = readOtlp(gunzipSync(bytes));
    expect(message?.spans).toHaveLength(100);
    expect(bytes.length).toBeLessThan(gunzipSync(bytes).length / 10);
  });

  test("is counted as lost where the collector takes only a part of it, with its reason", async () => {
    const collector = await collecting();
    const inner = Buffer.concat([Buffer.from([0x08, 2, 0x12, 9]), Buffer.from("too large")]);
    const part = Buffer.concat([Buffer.from([0x0a, inner.length]), inner]);
    collector.answers = (_request, response) => response.end(part);
    const told: [number, string][] = [];
    const sink = sinkTo(collector.url, { onDrop: (...what) => told.push(what) });
    for (let i = 0; i < 5; i++) sink.write(aSpan());
    await sink.close();
    expect(told).toEqual([[2, "the collector rejected them: too large"]]);
    expect(sink.dropped).toBe(2);
  });

  test.each([
    ["more spans than were sent", Buffer.from([0x0a, 3, 0x08, 0xff, 0x01]), 1],
    ["nothing that can be read", Buffer.from("<html>"), 0],
    ["more than it may", Buffer.alloc(1_000_000, 0x0a), 0],
  ])("is taken as it may be where the collector says %s", async (_what, body, lost) => {
    const collector = await collecting();
    collector.answers = (_request, response) => response.end(body);
    const sink = sinkTo(collector.url);
    sink.write(aSpan());
    await sink.close();
    expect(sink.dropped).toBe(lost);
    expect(collector.requests).toHaveLength(1);
  });

  test.each([
    ["a number of seconds", () => "1"],
    ["a date", () => new Date(Date.now() + 2_000).toUTCString()], // in whole seconds: one from now at least
  ])("is not sent again before the collector wants it, by %s", async (_what, wait) => {
    const collector = await collecting();
    const askedMs: number[] = [];
    collector.answers = (_request, response) => {
      askedMs.push(performance.now());
      if (askedMs.length === 1) response.writeHead(429, { "retry-after": wait() });
      response.end();
    };
    sinkTo(collector.url).write(aSpan());
    await collector.asked(2);
    expect(askedMs[1]! - askedMs[0]!).toBeGreaterThan(990); // by itself it would try again after 250 ms
  });
});

describe("a collector that is away", () => {
  test("finds what waited when it comes back", async () => {
    const collector = await collecting();
    const { port } = collector;
    await collector.close();
    const sink = sinkTo(`http://127.0.0.1:${port}`);
    sink.write(aSpan({ name: "before" }));
    const again = await fakeCollector(port);
    onTestFinished(() => again.close());
    sink.write(aSpan({ name: "after" }));
    expect((await again.has(2)).map(({ name }) => name)).toEqual(["before", "after"]);
    expect(sink.dropped).toBe(0);
  });

  test("is told of at once, and when it is back", async () => {
    const collector = await collecting();
    collector.answers = (_request, response) => response.writeHead(503).end();
    const told: (string | undefined)[] = [];
    const sink = sinkTo(collector.url, { onTrouble: (why) => told.push(why) });
    sink.write(aSpan());
    await collector.asked(2);
    expect(told).toEqual(["status 503"]);
    collector.answers = undefined;
    await collector.has(1);
    await sink.close();
    expect(told).toEqual(["status 503", undefined]);
  });

  test("costs what finds no room in the queue, which is counted and told", async () => {
    const told: [number, string][] = [];
    const sink = sinkTo("http://127.0.0.1:1", {
      queueSpans: 10,
      intervalMs: 60_000,
      onDrop: (spans, why) => told.push([spans, why]),
    });
    for (let i = 0; i < 25; i++) sink.write(aSpan());
    expect(sink.dropped).toBe(15);
    expect(told).toEqual([[1, "the queue is full"]]);
    await sink.close();
    expect(sink.dropped).toBe(25);
    expect(told[1]).toEqual([24, expect.stringContaining("ECONNREFUSED")]);
  });
});

describe("a collector that misbehaves", () => {
  test.each([429, 502, 503, 504])("and answers %i is asked again", async (status) => {
    const collector = await collecting();
    collector.answers = (_request, response) => response.writeHead(status).end();
    const sink = sinkTo(collector.url);
    sink.write(aSpan());
    await collector.asked(1);
    collector.answers = undefined;
    await collector.has(1);
    expect(sink.dropped).toBe(0);
  });

  test.each([400, 401, 404, 413, 500, 302])("and answers %i is not asked again with the same", async (status) => {
    const collector = await collecting();
    collector.answers = (_request, response) => response.writeHead(status).end("no");
    const dropped = new Promise<string>((resolve) => {
      const sink = sinkTo(collector.url, { onDrop: (spans, why) => resolve(`${spans}: ${why}`) });
      sink.write(aSpan());
    });
    expect(await dropped).toBe(`1: the collector: status ${status}`);
    expect(collector.requests).toHaveLength(1);
  });

  test("and asks for a pause gets it, of bounded length", async () => {
    const collector = await collecting();
    collector.answers = (_request, response) => response.writeHead(503, { "retry-after": "100000" }).end();
    const sink = sinkTo(collector.url);
    sink.write(aSpan());
    await collector.asked(1);
    collector.answers = undefined;
    await sink.close(); // which does not wait for it
    expect(collector.spans).toHaveLength(1);
  });

  test.each([
    ["that is garbage", (write: (text: string) => void) => write("garbage\r\n\r\n")],
    [
      "that upgrades",
      (write: (text: string) => void) => write("HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
    ],
    ["that is none", (_write: (text: string) => void, end: () => void) => end()],
  ])("with an answer %s costs its spans, and nothing else", async (_what, answer) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () =>
        answer(
          (text) => socket.end(text),
          () => socket.destroy(),
        ),
      );
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const sink = sinkTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`); // it listens on a port
    const asked = once(server, "connection");
    sink.write(aSpan());
    await asked;
    await sink.close();
    expect(sink.dropped).toBe(1);
  });

  test("and stops inside the body of its answer has accepted the spans", async () => {
    const collector = await collecting();
    collector.answers = (_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half");
    };
    const sink = sinkTo(collector.url, { closeMs: 5_000 });
    sink.write(aSpan());
    await collector.asked(1);
    await sink.close();
    expect(sink.dropped).toBe(0);
  });

  test("and never answers keeps `close` no longer than was allowed", async () => {
    const collector = await collecting();
    collector.answers = () => {};
    const sink = sinkTo(collector.url, { closeMs: 50 });
    sink.write(aSpan());
    await collector.asked(1);
    sink.write(aSpan());
    await sink.close();
    expect(sink.dropped).toBe(2);
  });

  test("and never answers is given up after a while, and asked again", async () => {
    const collector = await collecting();
    collector.answers = () => {};
    const sink = sinkTo(collector.url, { timeoutMs: 20 });
    sink.write(aSpan());
    await collector.asked(1);
    collector.answers = undefined;
    await collector.has(1);
    expect(sink.dropped).toBe(0);
  });
});

test.each(["collector:4318", "127.0.0.1:4318", ""])("%j is no url, which is told at once", (url) => {
  expect(() => otlpExport({ url, serviceName: "web" })).toThrow(TypeError);
});

test.each([
  ["x-token", "a\nb"],
  ["x token", "a"],
])("a header %j that cannot be sent is told at once", (name, value) => {
  const headers = { [name]: value };
  expect(() => otlpExport({ url: "http://127.0.0.1:1", serviceName: "web", headers })).toThrow(TypeError);
});

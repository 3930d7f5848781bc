import { describe, expect, test } from "vitest";
import { FieldList } from "../head/field-list.ts";
import { Fields, NO_FIELDS } from "../head/fields.ts";
import { DEFAULT_HEAD_LIMITS, parseRequestHead } from "../head/head-parser.ts";
import type { RequestHead } from "../head/request-head.ts";
import { HeadReader } from "./head-reader.ts";
import { BLOCK, HeadWriter } from "./head-writer.ts";
import { type LiteralField, literalBlock } from "./literal-block.suite.ts";
import { outgoing } from "./outgoing.suite.ts";

const GRPC: readonly LiteralField[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/orders.Orders/Get"],
  [":authority", "orders"],
  ["content-type", "application/grpc"],
  ["user-agent", "grpc-go/1.80"],
  ["te", "trailers"],
  ["grpc-timeout", "1S"],
];

describe("a request that is written", () => {
  test("is read with what was set anew, and without what was not", () => {
    const { writer, reader } = sides();
    const head = received(GRPC);
    const whole = { traceparent: "00-aa", deadline: "5", grpcTimeout: "9m", via: "2 weft", body: Buffer.from("abc") };
    expect(read(reader, writer.request(outgoing(head, whole)))).toMatchObject({
      method: "POST",
      scheme: "http",
      target: "/orders.Orders/Get",
      authority: "orders",
      acceptsTrailers: true,
      contentLength: 3,
      traceparent: "00-aa",
      deadline: "5",
      grpcTimeout: "9m",
      list: ["content-type", "application/grpc", "user-agent", "grpc-go/1.80", "via", "2 weft"],
    });
    expect(read(reader, writer.request(outgoing(head)))).toMatchObject({
      contentLength: -1,
      traceparent: "",
      deadline: "",
      grpcTimeout: "",
      list: head.list,
    });
  });

  const OTHERS = [
    { slot: "a deadline", parts: { deadline: "6" }, reads: { deadline: "6" } },
    { slot: "a timeout of gRPC", parts: { grpcTimeout: "8m" }, reads: { grpcTimeout: "8m" } },
    { slot: "a Via", parts: { via: "2 them" }, reads: { list: expect.arrayContaining(["2 them"]) as string[] } },
    // By 256 longer, for such two are kept in the same place.
    { slot: "a length", parts: { body: Buffer.alloc(3 + 256) }, reads: { contentLength: 3 + 256 } },
    { slot: "no trailers", without: "te", parts: {}, reads: { acceptsTrailers: false } },
  ];
  test.each(OTHERS)("has $slot of its own behind many that were alike", ({ parts, reads, without }) => {
    const { writer, reader } = sides();
    const alike = { deadline: "5", grpcTimeout: "9m", via: "2 weft", body: Buffer.from("abc") };
    const usual = { deadline: "5", grpcTimeout: "9m", contentLength: 3, acceptsTrailers: true };
    const other = received(GRPC.filter(([name]) => name !== without));
    for (let i = 0; i < 8; i++) {
      expect(read(reader, writer.request(outgoing(received(GRPC), alike)))).toMatchObject(usual);
    }
    expect(read(reader, writer.request(outgoing(other, { ...alike, ...parts })))).toMatchObject(reads);
    expect(read(reader, writer.request(outgoing(received(GRPC), alike)))).toMatchObject(usual);
  });

  test("is as large as whoever reads it counts", () => {
    const slots = { traceparent: "00-aa", deadline: "5", grpcTimeout: "9m", via: "2 weft", body: Buffer.from("abc") };
    const heads = [
      received(GRPC),
      received([[":method", "CONNECT"], [":protocol", "websocket"], ...GRPC.slice(1, 4)]),
      parsed("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"),
      parsed("PUT /a?b HTTP/1.1\r\nHost: b:1\r\nX-One:  2 \r\nTE: trailers\r\nContent-Length: 7\r\nX-Two:\r\n\r\n"),
    ];
    for (const head of heads) {
      for (const request of [outgoing(head), outgoing(head, slots)]) {
        const writer = new HeadWriter("https");
        const maxHeadBytes = writer.requestBytes(request);
        const length = writer.request(request);
        const isRefused = (most: number): boolean =>
          new HeadReader({ ...DEFAULT_HEAD_LIMITS, maxHeadBytes: most }).request(BLOCK, 0, length).kind === "refused";
        expect([isRefused(maxHeadBytes), isRefused(maxHeadBytes - 1)]).toEqual([false, true]);
      }
    }
  });

  test.each(["http", "https"] as const)("has the scheme of a connection that says it is %s", (scheme) => {
    const writer = new HeadWriter(scheme);
    const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
    const came = ["GET /a HTTP/1.1", "GET http://b/a HTTP/1.1", "GET https://b/a HTTP/1.1"];
    for (const line of [...came, ...came]) {
      const head = parsed(`${line}\r\nHost: b\r\n\r\n`);
      expect(read(reader, writer.request(outgoing(head)))).toMatchObject({ scheme, target: "/a", authority: "b" });
    }
  });

  test("of HTTP/1.1 has names in lower case, and http for a scheme", () => {
    const { writer, reader } = sides();
    const head = parsed("PUT /a HTTP/1.1\r\nHost: b:1\r\nX-One:  2 \r\nConnection: close\r\nContent-Length: 7\r\n\r\n");
    expect(read(reader, writer.request(outgoing(head)))).toMatchObject({
      method: "PUT",
      scheme: "http",
      target: "/a",
      authority: "b:1",
      contentLength: 7,
      list: ["x-one", "2"],
    });
  });

  test.each([
    ["CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", { form: "authority", target: "a:1", authority: "a:1" }],
    ["OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", { form: "asterisk", target: "*" }],
    ["a URI", "GET https://c:1/d?e HTTP/1.1\r\nHost: a\r\n\r\n", { scheme: "https", target: "/d?e", authority: "c:1" }],
  ])("keeps the form of %s", (_, text, expected) => {
    const { writer, reader } = sides();
    expect(read(reader, writer.request(outgoing(parsed(text))))).toMatchObject(expected);
  });

  test("is an extended CONNECT when it came as one (RFC 8441)", () => {
    const { writer, reader } = sides();
    const fields: readonly LiteralField[] = [
      [":method", "CONNECT"],
      [":protocol", "websocket"],
      [":scheme", "https"],
      [":path", "/chat"],
      [":authority", "a"],
      ["sec-websocket-version", "13"],
    ];
    const again = read(reader, writer.request(outgoing(received(fields))));
    expect(again).toMatchObject({ protocol: "websocket", scheme: "https", target: "/chat", authority: "a" });
  });

  test("keeps never indexed what came so, also in a slot", () => {
    const { writer, reader } = sides();
    const secret: readonly LiteralField[] = [
      [":method", "GET"],
      [":scheme", "http"],
      [":path", "/secret", "never"],
      [":authority", "a"],
      ["x-token", "t", "never"],
      ["traceparent", "00-bb", "never"],
    ];
    for (let i = 0; i < 3; i++) {
      const again = read(reader, writer.request(outgoing(received(secret), { traceparent: "00-bb" })));
      if (again.kind !== "request") throw new Error(again.detail);
      expect(again.asList().neverIndexed).toEqual([":path", "x-token", "traceparent"]);
    }
  });

  test("that is longer than a block may be is not written, and the next one is right", () => {
    const { writer, reader } = sides();
    const head = received(GRPC);
    const large = Object.assign(received(GRPC), { target: `/${"a".repeat(BLOCK.length)}` });
    expect(read(reader, writer.request(outgoing(head)))).toMatchObject({ list: head.list });
    expect(writer.request(outgoing(large))).toBe(-1);
    expect(writer.trailers(Fields.ofList(["a", "b".repeat(BLOCK.length)]))).toBe(-1);
    expect(writer.response(200, Fields.ofList(["a", "b".repeat(BLOCK.length)]), 0)).toBe(-1);
    for (let i = 0; i < 3; i++) {
      expect(read(reader, writer.request(outgoing(head)))).toMatchObject({ list: head.list, authority: "orders" });
    }
  });
});

describe("a head that is written again and again", () => {
  test("is shorter from the second time on, and says the same", () => {
    const { writer, reader } = sides();
    const from = new HeadReader(DEFAULT_HEAD_LIMITS);
    const lengths: number[] = [];
    for (let i = 0; i < 8; i++) {
      const length = writer.request(outgoing(received(GRPC, from), { traceparent: `00-${i}` }));
      lengths.push(length);
      expect(read(reader, length)).toMatchObject({
        target: "/orders.Orders/Get",
        traceparent: `00-${i}`,
        list: ["content-type", "application/grpc", "user-agent", "grpc-go/1.80"],
      });
    }
    expect(lengths[1]).toBeLessThan(lengths[0]! / 2);
    expect(new Set(lengths.slice(1)).size).toBe(1);
  });

  test("stays right while others change the table, and the peer its size", () => {
    const { writer, reader } = sides();
    const from = new HeadReader(DEFAULT_HEAD_LIMITS);
    for (let i = 0; i < 60; i++) {
      const path: LiteralField = [":path", i % 3 === 0 ? "/a" : `/b${i >> 3}`];
      const fields: readonly LiteralField[] = [
        ...GRPC.filter(([name]) => name !== ":path" && name !== "te"),
        path,
      ].sort(([a], [b]) => Number(b.startsWith(":")) - Number(a.startsWith(":")));
      const own = i % 5 === 0 ? [...fields, ["x-own", String(i)] as const] : fields;
      if (i === 20) writer.tableSize(0);
      if (i === 30) writer.tableSize(4_096);
      if (i === 40) for (const bytes of [100, 0, 200]) writer.tableSize(bytes);
      const head = received(own, from);
      expect(read(reader, writer.request(outgoing(head))), `block ${i}`).toMatchObject({
        target: head.target,
        list: head.list,
      });
    }
  });

  test("says what it is where path and length are others each time, and now and then something else", () => {
    const { writer, reader } = sides();
    const from = new HeadReader(DEFAULT_HEAD_LIMITS);
    for (let i = 0; i < 400; i++) {
      const odd = i > 100 && i % 7 === 0;
      const changed: Readonly<Record<string, string>> = {
        ":path": `/orders.Orders/${i}${i % 11 === 0 ? "x".repeat(600) : ""}`,
        ":authority": odd && i % 2 === 0 ? "drinks" : "orders",
        ":method": odd && i % 3 === 0 ? "LOCK" : "POST",
        ":scheme": odd && i % 5 === 0 ? "https" : "http",
      };
      const fields = GRPC.filter(([name]) => name !== "te" || !odd).map(([name, value]): LiteralField => [
        name,
        changed[name] ?? value,
      ]);
      const whole = {
        traceparent: `00-${i}`,
        deadline: odd ? "4" : "5",
        grpcTimeout: odd ? "8m" : "9m",
        via: odd ? "2 them" : "2 weft",
        body: Buffer.alloc(i),
      };
      const { via, body: _, ...slots } = whole;
      expect(read(reader, writer.request(outgoing(received(fields, from), whole))), `block ${i}`).toMatchObject({
        ...slots,
        method: changed[":method"],
        scheme: changed[":scheme"],
        target: changed[":path"],
        authority: changed[":authority"],
        acceptsTrailers: !odd,
        contentLength: i,
        list: ["content-type", "application/grpc", "user-agent", "grpc-go/1.80", "via", via],
      });
    }
  });

  test("goes to several endpoints, each with a table of its own", () => {
    const ends = [sides(), sides(), sides()];
    const from = new HeadReader(DEFAULT_HEAD_LIMITS);
    for (let i = 0; i < 30; i++) {
      const head = received(GRPC, from);
      const { writer, reader } = ends[(i * i) % 3]!;
      expect(read(reader, writer.request(outgoing(head)))).toMatchObject({ target: head.target, list: head.list });
    }
  });

  test("is no longer what it was once a field is set", () => {
    const { writer, reader } = sides();
    const from = new HeadReader(DEFAULT_HEAD_LIMITS);
    for (let i = 0; i < 10; i++) {
      const head = received(GRPC, from);
      if (i % 2 === 1) head.set("user-agent", `x${i}`);
      if (i === 8) head.target = "/other";
      const again = read(reader, writer.request(outgoing(head)));
      expect(again).toMatchObject({ target: i === 8 ? "/other" : "/orders.Orders/Get", list: head.list });
    }
  });
});

describe("a response that is written", () => {
  test("is read with the length that was given, or none", () => {
    const { writer, reader } = sides();
    const fields = Fields.ofLines("Server: x\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n");
    const answer = (length: number) => {
      const to = writer.response(404, fields, length);
      return reader.response(BLOCK, 0, to);
    };
    const list = ["server", "x", "set-cookie", "a=b", "set-cookie", "c=d"];
    expect(answer(5)).toMatchObject({ status: 404, contentLength: 5, list });
    expect(answer(0)).toMatchObject({ status: 404, contentLength: 0, list });
    expect(answer(-1)).toMatchObject({ status: 404, contentLength: -1, list });
    expect(reader.response(BLOCK, 0, writer.response(103, NO_FIELDS, -1))).toMatchObject({ status: 103, list: [] });
  });

  test("has fields of its own where another's were kept in the same place", () => {
    const { writer, reader } = sides();
    const lists = Array.from({ length: 600 }, (_, i) => new FieldList(["x-a", String(i)]));
    for (const list of lists) list.comesAgain();
    for (const list of lists)
      for (let i = 0; i < 3; i++)
        expect(reader.trailers(BLOCK, 0, writer.trailers(Fields.ofList(list)))).toMatchObject({ list: list.items });
  });

  test("is followed by trailers", () => {
    const { writer, reader } = sides();
    const trailers = Fields.ofList(["grpc-status", "5", "grpc-message", "none%20such", "x-own-bin", "AA=="]);
    for (let i = 0; i < 4; i++) {
      expect(reader.trailers(BLOCK, 0, writer.trailers(trailers))).toMatchObject({ list: trailers.list });
    }
    expect(writer.trailers(NO_FIELDS)).toBe(0);
  });
});

function sides(): { readonly writer: HeadWriter; readonly reader: HeadReader } {
  return { writer: new HeadWriter(), reader: new HeadReader(DEFAULT_HEAD_LIMITS) };
}

/** What a peer reads of the block that was written last. */
function read(reader: HeadReader, length: number) {
  return reader.request(Buffer.from(BLOCK.subarray(0, length)), 0, length);
}

function received(fields: readonly LiteralField[], reader = new HeadReader(DEFAULT_HEAD_LIMITS)): RequestHead {
  const block = literalBlock(fields);
  const head = reader.request(block, 0, block.length);
  if (head.kind !== "request") throw new Error(`no head: ${head.detail}`);
  return head;
}

function parsed(text: string): RequestHead {
  const bytes = Buffer.from(text, "latin1");
  const head = parseRequestHead(bytes, 0, bytes.length, DEFAULT_HEAD_LIMITS);
  if (head?.kind !== "request") throw new Error(`no head: ${head?.code}`);
  return head;
}

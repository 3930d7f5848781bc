import { describe, expect, test } from "vitest";
import { DEFAULT_HEAD_LIMITS } from "../head/head-limits.ts";
import { SEEN } from "../head/seen.ts";
import { Fields, NO_FIELDS } from "../head/fields.ts";
import { HeadReader } from "./head-reader.ts";
import { type LiteralField, literalBlock } from "./literal-block.suite.ts";

const GET: readonly LiteralField[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":authority", "orders:80"],
  [":path", "/a?b"],
];

describe("a request's block", () => {
  test("is told apart into slots and fields", () => {
    const head = request([
      ...GET,
      ["accept", "*/*"],
      ["via", "1.1 x"],
      ["te", "trailers"],
      ["content-length", "5"],
      ["traceparent", "00-aa"],
      ["x-request-deadline-ms", "7"],
      ["grpc-timeout", "5S"],
      ["content-type", "application/grpc"],
      ["trailer", "x"],
      ["x-own", ""],
    ]);
    expect(head).toMatchObject({
      kind: "request",
      version: "2",
      minor: 1,
      method: "GET",
      target: "/a?b",
      authority: "orders:80",
      form: "origin",
      scheme: "http",
      contentLength: 5,
      chunked: false,
      keepAlive: true,
      expectContinue: false,
      upgrade: "",
      acceptsTrailers: true,
      traceparent: "00-aa",
      deadline: "7",
      grpcTimeout: "5S",
      grpc: true,
      protocol: "",
      seen: SEEN.via | SEEN.grpcTimeout,
      list: ["accept", "*/*", "via", "1.1 x", "content-type", "application/grpc", "x-own", ""],
    });
    expect(head).toMatchObject({ lines: "accept: */*\r\nvia: 1.1 x\r\ncontent-type: application/grpc\r\nx-own: \r\n" });
  });

  test("has no slot set by a block before it", () => {
    const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
    const full = literalBlock([...GET, ["te", "trailers"], ["expect", "100-continue"], ["grpc-timeout", "1S"]]);
    expect(reader.request(full, 0, full.length)).toMatchObject({ expectContinue: true });
    const bare = literalBlock(GET);
    expect(reader.request(bare, 0, bare.length)).toMatchObject({
      acceptsTrailers: false,
      expectContinue: false,
      grpcTimeout: "",
      contentLength: -1,
      list: [],
    });
  });

  test("lies at any offset", () => {
    const block = literalBlock(GET);
    const bytes = Buffer.concat([Buffer.from("xxx"), block, Buffer.from("yy")]);
    expect(new HeadReader(DEFAULT_HEAD_LIMITS).request(bytes, 3, 3 + block.length)).toMatchObject({ target: "/a?b" });
  });

  test("has one value of slots that may come once, and none of two", () => {
    const two: readonly LiteralField[] = [
      ["traceparent", "a"],
      ["traceparent", "b"],
      ["grpc-timeout", "1S"],
      ["grpc-timeout", "1S"],
    ];
    expect(request([...GET, ...two])).toMatchObject({ traceparent: "", grpcTimeout: "", list: [] });
  });

  test("may hold its cookie in crumbs, which become one field (RFC 9113 8.2.3)", () => {
    const head = request([...GET, ["cookie", "a=1"], ["accept", "b"], ["cookie", "c=2", "never"]]);
    expect(head).toMatchObject({ list: ["accept", "b", "cookie", "a=1; c=2"] });
    if (head.kind === "request") expect(head.asList().neverIndexed).toEqual(["cookie"]);
  });

  test("is for the server as a whole by an asterisk", () => {
    const fields = GET.map(([name, value]): LiteralField => {
      if (name === ":path") return [name, "*"];
      return name === ":method" ? [name, "OPTIONS"] : [name, value];
    });
    expect(request(fields)).toMatchObject({ form: "asterisk", target: "*" });
  });

  test("of CONNECT has an authority alone (RFC 9113 8.5)", () => {
    const connect: readonly LiteralField[] = [
      [":method", "CONNECT"],
      [":authority", "a:443"],
    ];
    expect(request([...connect, ["content-length", "0"]])).toMatchObject({
      form: "authority",
      target: "a:443",
      authority: "a:443",
      scheme: "",
      contentLength: -1,
    });
  });

  test("of an extended CONNECT has them all (RFC 8441 4)", () => {
    const fields: readonly LiteralField[] = [
      [":method", "CONNECT"],
      [":protocol", "websocket"],
      [":scheme", "https"],
      [":path", "/chat"],
      [":authority", "a"],
    ];
    expect(request(fields)).toMatchObject({
      form: "origin",
      target: "/chat",
      authority: "a",
      scheme: "https",
      protocol: "websocket",
    });
  });

  test.each(["drop", "keep", "refuse"] as const)("with an underscore in a name: %s", (underscores) => {
    const block = literalBlock([...GET, ["x_user", "a"], ["x-user", "b"]]);
    const head = new HeadReader({ ...DEFAULT_HEAD_LIMITS, underscores }).request(block, 0, block.length);
    if (underscores === "refuse") expect(head).toMatchObject({ kind: "refused", status: 400, code: "underscore" });
    else expect(head).toMatchObject({ list: [...(underscores === "keep" ? ["x_user", "a"] : []), "x-user", "b"] });
  });

  test.each(["drop", "refuse"] as const)(
    "of gRPC keeps its metadata with an underscore, also with: %s",
    (underscores) => {
      const block = literalBlock([...GET, ["x_user", "a"], ["content-type", "application/grpc+proto"]]);
      const head = new HeadReader({ ...DEFAULT_HEAD_LIMITS, underscores }).request(block, 0, block.length);
      expect(head).toMatchObject({ grpc: true, list: ["x_user", "a", "content-type", "application/grpc+proto"] });
    },
  );
});

describe("a response's block", () => {
  test("is told apart into slots and fields", () => {
    const head = response([
      [":status", "503"],
      ["server", "x"],
      ["content-length", "0"],
      ["retry-after", "1"],
      ["set_underscore", "y"],
    ]);
    expect(head).toMatchObject({
      kind: "response",
      version: "2",
      status: 503,
      reason: "",
      contentLength: 0,
      chunked: false,
      keepAlive: true,
      keepAliveHintMs: -1,
      upgrade: "",
      grpcStatus: -1,
      seen: SEEN.retryAfter,
      list: ["server", "x", "retry-after", "1", "set_underscore", "y"],
    });
  });

  test.each([
    [["0"], 0],
    [["14"], 14],
    [["x"], 2],
    [["0", "0"], 2],
  ])("with the grpc-status %j has the gRPC status %i", (values, grpcStatus) => {
    const fields = values.map((value): LiteralField => ["grpc-status", value]);
    expect(response([[":status", "200"], ...fields])).toMatchObject({ grpcStatus });
  });

  test("of 204 has no length, not even 0", () => {
    const fields: readonly LiteralField[] = [
      [":status", "204"],
      ["content-length", "0"],
    ];
    expect(response(fields)).toMatchObject({ status: 204, contentLength: -1, list: [] });
  });
});

describe("a block of trailers", () => {
  test("has fields alone, without those that come too late", () => {
    const trailers = read([
      ["grpc-status", "0"],
      ["grpc-message", ""],
      ["set-cookie", "a"],
      ["date", "b"],
      ["client-cert", "c"],
      ["expect", "a"],
      ["traceparent", "d"],
      ["x_under", "e"],
      ["x-own", "f", "never"],
    ]);
    expect(trailers).toBeInstanceOf(Fields);
    expect(trailers).toMatchObject({ list: ["grpc-status", "0", "grpc-message", "", "x-own", "f"] });
  });

  test.each([true, false])("keeps a name with an underscore behind a response: %s", (ofResponse) => {
    const reader = new HeadReader(DEFAULT_HEAD_LIMITS);
    const block = literalBlock([ofResponse ? [":status", "200"] : [":method", "GET"]]);
    reader[ofResponse ? "response" : "request"](block, 0, block.length);
    const late = literalBlock([["x_under", "a"]]);
    expect(reader.trailers(late, 0, late.length)).toHaveProperty("empty", !ofResponse);
  });

  test("may have none that is passed on", () => {
    expect(read([["date", "b"]])).toBe(NO_FIELDS);
  });

  const read = (fields: readonly LiteralField[]) => {
    const block = literalBlock(fields);
    return new HeadReader(DEFAULT_HEAD_LIMITS).trailers(block, 0, block.length);
  };
});

function request(fields: readonly LiteralField[]) {
  const block = literalBlock(fields);
  return new HeadReader(DEFAULT_HEAD_LIMITS).request(block, 0, block.length);
}

function response(fields: readonly LiteralField[]) {
  const block = literalBlock(fields);
  return new HeadReader(DEFAULT_HEAD_LIMITS).response(block, 0, block.length);
}

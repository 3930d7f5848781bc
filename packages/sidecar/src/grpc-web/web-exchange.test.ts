import {
  type BodySource,
  type CallerExchange,
  type ExchangeHooks,
  Fields,
  NO_FIELDS,
  RequestHead,
  type WholeBody,
} from "@weft/http";
import { describe, expect, test } from "vitest";
import { webCallType } from "./grpc-head.ts";
import { WebExchange } from "./web-exchange.ts";
import { message, Sink, Source, trailers } from "./web-peers.suite.ts";

const WEB = "application/grpc-web+proto";
const TEXT = "application/grpc-web-text+proto";
const GRPC = Fields.ofLines("Content-Type: application/grpc+proto\r\nX-Custom: 1\r\n");
const MORE = "Accept-Encoding: gzip\r\nGrpc-Accept-Encoding: gzip\r\nX-User-Agent: grpc-web-javascript/0.1\r\n";

function headOf(type: string, { method = "POST", more = MORE } = {}): RequestHead {
  return new RequestHead({
    lines: `Content-Type: ${type}\r\n${more}`,
    list: undefined,
    method,
    target: "/shop.Orders/Get",
    authority: "orders",
    form: "origin",
    scheme: "",
    version: "1.1",
    contentLength: 7,
    chunked: false,
    keepAlive: true,
    expectContinue: false,
    upgrade: "",
    acceptsTrailers: false,
    traceparent: "a trace",
    deadline: "",
    grpcTimeout: "1S",
    grpc: false,
    protocol: "",
    seen: 3,
    end: 99,
  });
}

/** A caller as its connection shows it, and what it was answered. */
class Caller extends Sink implements CallerExchange {
  readonly head: RequestHead;
  readonly whole: WholeBody | undefined;
  readonly body: BodySource | undefined;
  hooks: ExchangeHooks = { left: () => {}, answered: () => {} };
  readonly cameMs = 17;
  readonly peer = "10.0.0.1:4711";
  readonly bytesIn = 1;
  readonly bytesOut = 2;
  status = 0;
  over = false;
  fields: Fields = NO_FIELDS;
  length = -2;
  readonly told: string[] = [];
  #source: BodySource | undefined = undefined;

  constructor(head: RequestHead, body: WholeBody | BodySource | undefined = undefined) {
    super();
    this.head = head;
    const whole = typeof body === "string" || Buffer.isBuffer(body);
    this.whole = whole ? body : undefined;
    this.body = whole ? undefined : body;
  }

  get open(): boolean {
    return this.status === 0 && !this.over;
  }

  respond(status: number, _reason: string, fields: Fields, text: string, length: number): void {
    Object.assign(this, { status, fields, length, written: Buffer.from(text, "latin1"), over: true });
    this.hooks.answered(this);
  }

  stream(status: number, _reason: string, fields: Fields, source: BodySource): void {
    Object.assign(this, { status, fields, length: source.length });
    this.#source = source;
    source.attach(this);
  }

  override end(late: Fields): void {
    super.end(late);
    this.over = true;
    this.hooks.answered(this);
  }

  cut(): void {
    this.told.push("cut");
    this.over = true;
    this.#source?.cancel(undefined);
  }

  closeAfter(): void {
    this.told.push("last");
  }

  inform(status: number): void {
    this.told.push(`informed ${status}`);
  }

  continue(): void {
    this.told.push("continue");
  }

  upgrade(): never {
    throw new Error("no call of gRPC-Web asks for an upgrade");
  }
}

/** The exchange that whoever answers sees, and what it is told. */
function grpcOf(caller: Caller) {
  const type = webCallType(caller.head);
  if (type === undefined) throw new Error("this is no call of gRPC-Web");
  const exchange = new WebExchange(caller, type);
  const told: string[] = [];
  exchange.hooks = {
    left: (from, why) => told.push(`${from === exchange ? "left" : "wrong"}: ${why}`),
    answered: (from) => told.push(from === exchange ? "answered" : "wrong"),
  };
  return { exchange, told };
}

test.each([
  { type: WEB, method: "POST", is: true },
  { type: TEXT, method: "POST", is: true },
  { type: WEB, method: "OPTIONS", is: false },
  { type: WEB, method: "GET", is: false },
  { type: "application/grpc", method: "POST", is: false },
])("$method with $type is a call of gRPC-Web: $is", ({ type, method, is }) => {
  expect(webCallType(headOf(type, { method })) !== undefined).toBe(is);
});

describe("the request", () => {
  test("says what a client of gRPC would have said", () => {
    const { head } = grpcOf(new Caller(headOf(TEXT))).exchange;
    expect(head.lines.toLowerCase().split("\r\n").toSorted()).toEqual([
      "",
      "content-type: application/grpc+proto",
      "grpc-accept-encoding: gzip",
      "x-user-agent: grpc-web-javascript/0.1",
    ]);
    expect(head).toMatchObject({
      version: "2",
      grpc: true,
      acceptsTrailers: true,
      contentLength: -1,
      grpcTimeout: "1S",
    });
    expect(head).toMatchObject({ method: "POST", target: "/shop.Orders/Get", authority: "orders", seen: 3 });
  });

  test("has the body as it came when it is binary", () => {
    const source = new Source();
    expect(grpcOf(new Caller(headOf(WEB), message("one"))).exchange.whole).toEqual(message("one"));
    expect(grpcOf(new Caller(headOf(WEB), source)).exchange.body).toBe(source);
  });

  test("has the bytes for which a text stands", () => {
    const text = Buffer.from(message("one").toString("base64"));
    expect(grpcOf(new Caller(headOf(TEXT), text)).exchange.whole).toEqual(message("one"));
    expect(grpcOf(new Caller(headOf(TEXT), text.toString("latin1"))).exchange.whole).toEqual(message("one"));
    const source = new Source();
    const sink = new Sink();
    grpcOf(new Caller(headOf(TEXT), source)).exchange.body?.attach(sink);
    source.sink?.write(text);
    source.sink?.end(NO_FIELDS);
    expect([sink.written, sink.trailers]).toEqual([message("one"), ""]);
  });

  test.each(["AAAA=", "A", "!!!!"])("that came whole and is no base64 is to be refused: %s", (text) => {
    const { exchange } = grpcOf(new Caller(headOf(TEXT), Buffer.from(text)));
    expect([exchange.whole, exchange.problem]).toEqual([undefined, "the body is no base64"]);
  });

  test("that turns out to be no base64 is answered INTERNAL, and told to whoever sends it on", () => {
    const source = new Source();
    const sink = new Sink();
    const caller = new Caller(headOf(TEXT), source);
    const { exchange, told } = grpcOf(caller);
    exchange.body?.attach(sink);
    source.sink?.write(Buffer.from("AAAA!"));
    expect(told).toEqual(["left: the body is no base64"]);
    expect([sink.failure instanceof Error, source.cancelled]).toEqual([true, true]);
    expect([caller.status, caller.fields.get("content-type"), caller.told]).toEqual([200, TEXT, ["last"]]);
    expect(bodyOf(caller)).toMatch(/^\x80.{4}(.*\r\n)*grpc-status: 13\r\n/s);
    source.sink?.fail("the connection says so, too");
    caller.hooks.left(caller, "and so does this");
    expect(told).toHaveLength(1);
  });

  test.each([
    { answered: message("one"), told: [], why: "ends with that status" },
    { answered: message("one").subarray(0, 6), told: ["cut"], why: "breaks off, inside a message" },
  ])("that turns out to be no base64 while it is answered: the answer $why", ({ answered, told: cut }) => {
    const source = new Source();
    const answer = new Source();
    const caller = new Caller(headOf(TEXT, { more: `Accept: ${WEB}\r\n` }), source);
    const { exchange, told } = grpcOf(caller);
    exchange.body?.attach(new Sink());
    exchange.stream(200, "", GRPC, answer);
    answer.sink?.write(answered);
    source.sink?.write(Buffer.from("!"));
    answer.sink?.write(message("late"));
    expect([caller.told, told]).toEqual([cut, ["left: the body is no base64"]]);
    const end = trailers("grpc-status: 13\r\ngrpc-message: the body is no base64\r\nx-weft-error: BAD_REQUEST\r\n");
    expect(caller.written).toEqual(cut.length > 0 ? answered : Buffer.concat([answered, end]));
  });

  test("that turns out to be no base64 while it is answered by something else breaks that off", () => {
    const source = new Source();
    const answer = new Source();
    const caller = new Caller(headOf(TEXT), source);
    const { exchange, told } = grpcOf(caller);
    exchange.body?.attach(new Sink());
    exchange.stream(200, "", Fields.ofLines("Content-Type: text/html\r\n"), answer);
    source.sink?.write(Buffer.from("!"));
    expect([caller.told, answer.cancelled, told]).toEqual([["cut"], true, ["left: the body is no base64"]]);
  });
});

describe("the answer", () => {
  test.each([
    { asked: WEB, accept: "", type: WEB },
    { asked: TEXT, accept: "", type: TEXT },
    { asked: WEB, accept: TEXT, type: TEXT },
    { asked: TEXT, accept: WEB, type: WEB },
  ])("to $asked is $type with Accept $accept", ({ asked, accept, type }) => {
    const caller = new Caller(headOf(asked, { more: accept === "" ? "" : `Accept: ${accept}\r\n` }));
    const { exchange, told } = grpcOf(caller);
    const source = new Source();
    exchange.stream(200, "", GRPC, source);
    source.sink?.write(message("one", 1));
    source.sink?.end(Fields.ofLines("grpc-status: 0\r\n"));
    expect(bodyOf(caller)).toBe(`${latin1(message("one", 1))}${latin1(trailers("grpc-status: 0\r\n"))}`);
    expect([caller.fields.lines, caller.length, caller.trailers]).toEqual([
      `content-type: ${type}\r\nx-custom: 1\r\n`,
      -1,
      "",
    ]);
    expect(told).toEqual(["answered"]);
  });

  test("that is nothing but trailers has them in its body", () => {
    for (const type of [WEB, TEXT]) {
      const caller = new Caller(headOf(type));
      const fields = `content-type: application/grpc\r\ngrpc-status: 5\r\ngrpc-message: no%20order\r\nx-why: gone\r\nDate: now\r\n`;
      grpcOf(caller).exchange.respond(200, "", Fields.ofLines(fields), "", 0);
      expect(bodyOf(caller)).toBe(latin1(trailers("grpc-status: 5\r\ngrpc-message: no%20order\r\nx-why: gone\r\n")));
      expect(caller.fields.lines).toBe(`content-type: ${type}\r\ndate: now\r\n`);
      expect(caller.length).toBe(caller.written.length);
    }
  });

  test("of something that is not gRPC passes as it is", () => {
    const caller = new Caller(headOf(TEXT));
    const fields = Fields.ofLines("Content-Type: text/html\r\n");
    grpcOf(caller).exchange.respond(404, "Not Found", fields, "<p>", 3);
    expect([caller.status, caller.fields, caller.written.toString(), caller.length]).toEqual([404, fields, "<p>", 3]);
    const streamed = new Caller(headOf(TEXT));
    const source = new Source();
    grpcOf(streamed).exchange.stream(502, "", fields, source);
    expect(source.sink).toBe(streamed);
  });

  test("whose end is said from above has trailers all the same", () => {
    const caller = new Caller(headOf(WEB));
    const { exchange } = grpcOf(caller);
    const source = new Source();
    exchange.stream(200, "", GRPC, source);
    source.sink?.write(message("one"));
    exchange.end(Fields.ofLines("grpc-status: 14\r\n"));
    source.sink?.fail("lost");
    expect(bodyOf(caller)).toBe(`${latin1(message("one"))}${latin1(trailers("grpc-status: 14\r\n"))}`);
    expect(caller.failure).toBeUndefined();
  });

  test("that ends inside a message is broken off, and whoever answers is told", () => {
    const caller = new Caller(headOf(WEB));
    const { exchange, told } = grpcOf(caller);
    const source = new Source();
    exchange.stream(200, "", GRPC, source);
    source.sink?.write(message("one").subarray(0, 6));
    source.sink?.end(Fields.ofLines("grpc-status: 0\r\n"));
    expect([caller.told, caller.trailers, told]).toEqual([
      ["cut"],
      undefined,
      ["left: the answer ended inside a message"],
    ]);
  });

  test("ends with its caller", () => {
    const caller = new Caller(headOf(WEB));
    const { exchange, told } = grpcOf(caller);
    exchange.inform(103, "", NO_FIELDS);
    exchange.continue();
    caller.hooks.left(caller, "the caller closed the connection");
    exchange.cut();
    expect(told).toEqual(["left: the caller closed the connection"]);
    expect(caller.told).toEqual(["informed 103", "continue", "cut"]);
  });
});

/** What a reader of gRPC-Web makes of it: the bytes, whatever the form. */
function bodyOf(caller: Caller): string {
  const bytes = caller.written;
  if (caller.fields.get("content-type")?.includes("-text") !== true) return latin1(bytes);
  return (bytes.toString().match(/[^=]+=*/g) ?? []).map((text) => latin1(Buffer.from(text, "base64"))).join("");
}

function latin1(bytes: Buffer): string {
  return bytes.toString("latin1");
}

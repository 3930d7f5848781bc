import { TimeoutQueues } from "@weft/core";
import type { CarriedExchange, ClientConnection } from "@weft/http/client";
import type { FailureFacts } from "@weft/runtime";
import { type FakeTime, fakeTime } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import type { Controller } from "../dispatch/exchange.ts";
import { PlainExchange } from "./plain-exchange.ts";
import type { PlainReceiver } from "./plain-ports.ts";

const BODY = "0123456789";
const ANSWERS: readonly (readonly [name: string, text: string, content: string])[] = [
  ["a length", `HTTP/1.1 200 OK\r\nContent-Length: 10\r\nA: 1\r\n\r\n${BODY}`, BODY],
  ["nothing", "HTTP/1.1 204 No Content\r\na: 1\r\n\r\n", ""],
  [
    "chunks",
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n${BODY}\r\n0\r\n\r\n`,
    `abc${BODY}`,
  ],
  ["trailers", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n", "abc"],
  [
    "interim answers",
    `HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n${BODY}`,
    BODY,
  ],
];

describe("an answer", () => {
  test.each(ANSWERS)("by %s is told alike at every split of its bytes", (_, text, content) => {
    const bytes = Buffer.from(text, "latin1");
    const whole = run([bytes]);
    expect(whole.heard.at(-1)).toMatch(/^end/);
    expect(whole.content).toBe(content);
    for (let first = 1; first < bytes.length; first++) {
      for (let second = first; second < bytes.length; second += 7) {
        const parts = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        expect(run(parts.filter(({ length }) => length > 0))).toEqual(whole);
      }
    }
  });

  test("is handed on in memory of its own", () => {
    const lab = rig();
    const bytes = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n${BODY}`);
    lab.read(bytes);
    bytes.fill(0);
    expect(lab.content()).toBe(BODY);
  });

  test("leaves the connection to the next request", () => {
    expect(run([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n${BODY}`)]).released).toEqual(["clean"]);
  });

  test.each([
    ["that says so", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"],
    ["of HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok"],
    ["with more behind it", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n"],
    ["with more behind its last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nmore"],
  ])("%s ends the connection", (_, text) => {
    const { heard, released } = run([Buffer.from(text)]);
    expect(heard.at(-1)).toMatch(/^end/);
    expect(released).toEqual(["not clean"]);
  });

  test("to a request that has not left ends the connection", () => {
    const lab = rig({ body: Buffer.alloc(100_000) });
    lab.socket.writableLength = 50_000;
    lab.read("HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n");
    expect(lab.released).toEqual(["not clean"]);
  });

  test("until the end of its connection ends with that", () => {
    const lab = rig();
    lab.read("HTTP/1.1 200 OK\r\n\r\nall ");
    lab.read("of it");
    expect(lab.exchange.endsWithConnection).toBe(true);
    lab.exchange.lost(true, "", undefined, false);
    expect(lab.heard).toEqual(["head 200 {}", "end {}"]);
    expect(lab.content()).toBe("all of it");
    expect(lab.released).toEqual(["not clean"]);
  });
});

describe("a request", () => {
  test("is one string with a small body, and two pieces with a large one", () => {
    expect(rig().socket.written).toEqual(["GET / HTTP/1.1\r\n\r\n"]);
    expect(rig({ body: Buffer.from([1, 200]) }).socket.written).toEqual(["GET / HTTP/1.1\r\n\r\n\u0001\u00c8"]);
    const large = Buffer.alloc(9_000);
    expect(rig({ body: large }).socket.written).toEqual(["GET / HTTP/1.1\r\n\r\n", large]);
  });

  test("that its caller gives up as it begins is not written", () => {
    const lab = rig({ onRequestStart: (controller) => controller.abort(new Error("no")) });
    expect(lab.socket.written).toEqual([]);
    expect(lab.heard).toEqual(["error no"]);
    expect(lab.released).toEqual(["not clean"]);
  });

  test("whose handler throws fails with that", () => {
    const lab = rig({
      onRequestStart() {
        throw new Error("thrown");
      },
    });
    expect(lab.heard).toEqual(["error thrown"]);
  });

  test("that waits for a connection is given up without one", () => {
    const lab = rig({ connect: false });
    let abandoned: CarriedExchange | undefined;
    lab.exchange.onAbandon = (exchange) => void (abandoned = exchange);
    lab.exchange.drop();
    expect(abandoned).toBe(lab.exchange);
    expect(lab.heard).toEqual([]);
  });
});

describe("while it is paused, nothing is told", () => {
  test.each(ANSWERS)("of an answer by %s, and all of it afterwards", (_, text, content) => {
    const whole = run([Buffer.from(text)]);
    const lab = rig({ onResponseStart: (controller, status) => status >= 200 && controller.pause() });
    expect(lab.read(text)).toBe(false);
    expect(lab.heard.at(-1)).toMatch(/^head 20/);
    expect(lab.content()).toBe("");
    expect(lab.released).toEqual([]);
    lab.exchange.resume();
    expect(lab.heard).toEqual(whole.heard);
    expect(lab.content()).toBe(content);
    expect(lab.released).toEqual(["clean"]);
  });

  test("not even the end, when its last piece brought the pause", () => {
    const lab = rig({ onResponseData: (controller) => controller.pause() });
    lab.read("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    expect(lab.heard).toEqual(["head 200 {content-length}"]);
    lab.exchange.resume();
    expect(lab.heard.at(-1)).toBe("end {}");
  });

  test("and reading goes on when more is to come", () => {
    const lab = rig({ onResponseStart: (controller) => controller.pause() });
    expect(lab.read("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab")).toBe(false);
    lab.exchange.resume();
    expect(lab.resumed()).toBe(1);
    expect(lab.read("cd")).toBe(true);
    expect(lab.content()).toBe("abcd");
    expect(lab.released).toEqual(["clean"]);
  });

  test("a pause taken back at once changes nothing", () => {
    const lab = rig({
      onResponseStart(controller) {
        controller.pause();
        controller.resume();
      },
    });
    expect(lab.read("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")).toBe(true);
    expect(lab.heard).toEqual(["head 200 {content-length}", "end {}"]);
  });

  test("not that the connection is lost, but behind what had come before", () => {
    const lab = rig({ onResponseStart: (controller) => controller.pause() });
    lab.read("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab");
    lab.exchange.lost(false, "reset", undefined, false);
    expect(lab.heard).toHaveLength(1);
    lab.exchange.resume();
    expect(lab.content()).toBe("ab");
    expect(lab.heard.at(-1)).toMatch(/^failed CONNECTION_LOST/);
  });

  test("nor that all has come, though the connection is lost", () => {
    const lab = rig({ onResponseStart: (controller) => controller.pause() });
    lab.read("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    lab.exchange.lost(true, "", undefined, false);
    lab.exchange.resume();
    expect(lab.heard).toEqual(["head 200 {content-length}", "end {}"]);
  });

  test("nor that the connection's end is the body's, though a close follows it", () => {
    const lab = rig({ onResponseStart: (controller) => controller.pause() });
    lab.read("HTTP/1.1 200 OK\r\n\r\nall");
    lab.exchange.lost(true, "", undefined, false);
    lab.exchange.lost(false, "", undefined, false);
    lab.exchange.resume();
    expect(lab.content()).toBe("all");
    expect(lab.heard.at(-1)).toBe("end {}");
  });
});

describe("what goes wrong", () => {
  test.each<[string, string | undefined, boolean, Partial<FailureFacts>]>([
    ["before an answer", undefined, false, { failure: "reset-before-response", sent: "maybe" }],
    ["inside a head", "HTTP/1.1 200", false, { failure: undefined, sent: "yes" }],
    ["inside a body", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab", false, { failure: undefined, sent: "yes" }],
    ["before the request has left", undefined, true, { failure: "reset-before-response", sent: "no" }],
  ])("a connection lost %s", (_, text, held, facts) => {
    const lab = rig();
    if (text !== undefined) lab.read(text);
    lab.exchange.lost(false, "reset", undefined, held);
    expect(lab.facts()).toMatchObject({ code: "CONNECTION_LOST", ...facts });
    expect(lab.released).toEqual(["not clean"]);
  });

  test("on a connection that served before, it may have been stale", () => {
    const lab = rig({ served: 1 });
    lab.exchange.lost(false, "reset", undefined, false);
    expect(lab.facts()).toMatchObject({ failure: "stale-connection" });
  });

  test("on a connection that served before, an interim answer says that it was not", () => {
    const lab = rig({ served: 1 });
    lab.read("HTTP/1.1 103 Early Hints\r\n\r\n");
    lab.exchange.lost(false, "reset", undefined, false);
    expect(lab.facts()).toMatchObject({ failure: "reset-before-response" });
  });

  test.each([
    ["no HTTP", "hello\r\n\r\n"],
    ["two framings", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"],
    ["101 that nobody asked for", "HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"],
  ])("an answer that is %s", (_, text) => {
    const lab = rig();
    lab.read(text);
    expect(lab.facts()).toMatchObject({ code: "PROTOCOL_ERROR", failure: "reset-before-response" });
    expect(lab.heard).toHaveLength(1);
  });

  test("chunks that are none, behind those that were", () => {
    const lab = rig();
    lab.read("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\nxyz\r\n");
    expect(lab.content()).toBe("ok");
    expect(lab.facts()).toMatchObject({ code: "PROTOCOL_ERROR", failure: undefined });
  });

  test("a handler that throws at the head, and one that throws at a piece", () => {
    for (const where of ["onResponseStart", "onResponseData"] as const) {
      const lab = rig({
        [where]() {
          throw new Error(where);
        },
      });
      lab.read("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab");
      expect(lab.heard.at(-1)).toBe(`error ${where}`);
      expect(lab.released).toEqual(["not clean"]);
      expect(lab.read("cde")).toBe(true);
      expect(lab.heard.at(-1)).toBe(`error ${where}`);
    }
  });

  test("an abort among the pieces: nothing more is told", () => {
    const lab = rig({ onResponseData: (controller) => controller.abort(new Error("enough")) });
    lab.read("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
    expect(lab.heard).toEqual(["head 200 {transfer-encoding}", "error enough"]);
    expect(lab.exchange.aborted).toBe(true);
    expect(lab.exchange.reason).toEqual(new Error("enough"));
  });

  test("a body that stands still ends after its time, and not while it is paused", async () => {
    const lab = rig({ bodyMs: 1_000 });
    lab.read("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\na");
    await lab.time.advance(900);
    lab.read("b");
    await lab.time.advance(900);
    lab.exchange.pause();
    expect(lab.read("c")).toBe(false);
    await lab.time.advance(5_000);
    expect(lab.heard).toHaveLength(1);
    lab.exchange.resume();
    await lab.time.advance(999);
    expect(lab.content()).toBe("abc");
    expect(lab.heard).toHaveLength(1);
    await lab.time.advance(1);
    expect(lab.facts()).toMatchObject({ code: "CONNECTION_LOST", outcome: expect.anything() });
    expect(lab.timeouts.of(1_000).idle).toBe(true);
  });

  test("a head that does not come ends after its time, also behind interim answers, and then no body is bound by it", async () => {
    const late = rig({ headMs: 2_000 });
    late.read("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200");
    await late.time.advance(2_000);
    expect(late.facts()).toMatchObject({ code: "ATTEMPT_TIMEOUT", failure: "timeout" });
    const lab = rig({ headMs: 2_000 });
    lab.read("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\na");
    await lab.time.advance(10_000);
    lab.read("bcde");
    expect(lab.heard.at(-1)).toBe("end {}");
    expect(lab.timeouts.of(2_000).idle).toBe(true);
  });

  test("a handler that throws at the first byte", () => {
    const lab = rig({
      onResponseStarted() {
        throw new Error("thrown");
      },
    });
    lab.read("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    expect(lab.heard).toEqual(["error thrown"]);
  });

  test("an answer that is complete leaves no timeout behind", () => {
    const lab = rig({ bodyMs: 1_000 });
    lab.read("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na");
    expect(lab.timeouts.of(1_000).idle).toBe(false);
    lab.read("bc");
    expect(lab.timeouts.of(1_000).idle).toBe(true);
  });
});

interface Asked extends Partial<PlainReceiver> {
  readonly body?: Buffer;
  readonly served?: number;
  readonly bodyMs?: number;
  readonly headMs?: number;
  readonly connect?: boolean;
}

interface Lab {
  readonly exchange: PlainExchange;
  readonly time: FakeTime;
  readonly timeouts: TimeoutQueues;
  readonly socket: { written: (string | Buffer)[]; writableLength: number };
  /** What the receiver heard, a line each, without the pieces of the body. */
  readonly heard: string[];
  readonly content: () => string;
  readonly facts: () => FailureFacts | undefined;
  readonly released: string[];
  readonly resumed: () => number;
  /** As the connection does: reads into memory that others read into as well. */
  readonly read: (part: string | Buffer) => boolean;
}

function rig({
  body,
  served = 0,
  bodyMs = Number.POSITIVE_INFINITY,
  headMs = Number.POSITIVE_INFINITY,
  connect = true,
  ...own
}: Asked = {}): Lab {
  const time = fakeTime();
  const timeouts = new TimeoutQueues(time);
  const heard: string[] = [];
  const released: string[] = [];
  let content = "";
  let facts: FailureFacts | undefined;
  let resumed = 0;
  const socket = {
    written: [] as (string | Buffer)[],
    writableLength: 0,
    cork() {},
    uncork() {},
    write(part: string | Buffer) {
      this.written.push(part);
      return true;
    },
  };
  const receiver: PlainReceiver = {
    onRequestStart: (controller, context) => own.onRequestStart?.(controller, context),
    onResponseStarted: () => own.onResponseStarted?.(),
    onResponseStart(controller, status, headers, message) {
      const names = status < 200 ? Object.keys(headers) : Object.keys(headers).filter((name) => name !== "a");
      heard.push(`head ${status} {${names.join()}}`);
      own.onResponseStart?.(controller, status, headers, message);
    },
    onResponseData(controller, chunk) {
      content += chunk.toString("latin1");
      own.onResponseData?.(controller, chunk);
    },
    onResponseEnd: (_controller: Controller, trailers) => void heard.push(`end {${Object.keys(trailers).join()}}`),
    onResponseError: (_controller, error) => void heard.push(`error ${error.message}`),
    failed(told) {
      facts = told;
      heard.push(`failed ${told.code}: ${told.problem}`);
    },
  };
  const request = { method: "GET", head: "GET / HTTP/1.1\r\n\r\n", body };
  const exchange = new PlainExchange(request, receiver, { timeouts, bodyMs, headMs });
  let carries = connect;
  const connection: Pick<ClientConnection, "served" | "clock" | "headLimits" | "release" | "resumeReading"> & {
    socket: unknown;
  } = {
    served,
    headLimits: { maxHeadBytes: 16_384, maxFields: 2_000, underscores: "keep" },
    clock: time,
    socket,
    release(_exchange, clean) {
      carries = false;
      released.push(clean ? "clean" : "not clean");
    },
    resumeReading: () => void resumed++,
  };
  // A connection is a class with a socket; the exchange knows no more of it than this.
  if (connect) exchange.begin(connection as unknown as ClientConnection);
  return {
    exchange,
    time,
    timeouts,
    socket,
    heard,
    content: () => content,
    facts: () => facts,
    released,
    resumed: () => resumed,
    read(part) {
      const bytes = Buffer.from(part as string, "latin1");
      return !carries || exchange.received(bytes, bytes.length);
    },
  };
}

/** What is heard of an answer that comes in these parts. */
function run(parts: readonly Buffer[]): Pick<Lab, "heard" | "released"> & { readonly content: string } {
  const lab = rig();
  for (const part of parts) lab.read(part);
  return { heard: lab.heard, content: lab.content(), released: lab.released };
}

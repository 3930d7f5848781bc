import { Fields, NO_FIELDS } from "@weft/http";
import { describe, expect, test } from "vitest";
import { WebAnswerBody } from "./web-answer-body.ts";
import { message, Sink, Source, trailers } from "./web-peers.suite.ts";
import { WebRequestBody } from "./web-request-body.ts";

const OK = Fields.ofLines("grpc-status: 0\r\n");
const MESSAGES = Buffer.concat([message("one"), message("", 1), message("three bytes and more")]);
const AS_WEB = Buffer.concat([MESSAGES, trailers("grpc-status: 0\r\n")]);

/** An answer that comes in these pieces, and what the caller is sent of it. */
function answered(pieces: readonly Buffer[], { text = false, late = OK, early = NO_FIELDS, keeps = true } = {}) {
  const source = new Source();
  const sink = new Sink(keeps);
  const told = { cutShort: 0 };
  const body = new WebAnswerBody(source, text, early, () => told.cutShort++);
  body.attach(sink);
  for (const piece of pieces) source.sink?.write(piece);
  source.sink?.end(late);
  return { source, sink, told, body };
}

/** A request that comes as text in these pieces, and what is sent on of it. */
function asked(pieces: readonly string[]) {
  const source = new Source();
  const sink = new Sink();
  const told = { malformed: 0 };
  const body = new WebRequestBody(source, () => told.malformed++);
  body.attach(sink);
  for (const piece of pieces) source.sink?.write(Buffer.from(piece));
  source.sink?.end(NO_FIELDS);
  return { source, sink, told, body };
}

function twoPieces(bytes: Buffer): readonly Buffer[][] {
  return Array.from({ length: bytes.length - 1 }, (_, at) => [bytes.subarray(0, at + 1), bytes.subarray(at + 1)]);
}

/** Texts in a row, each with its own padding. */
function fromTexts(texts: string): Buffer {
  return Buffer.concat((texts.match(/[^=]+=*/g) ?? []).map((text) => Buffer.from(text, "base64")));
}

describe("an answer", () => {
  test("is its messages as they came and its trailers as one more frame, at every split", () => {
    for (const pieces of [[MESSAGES], ...twoPieces(MESSAGES), [...MESSAGES].map((byte) => Buffer.from([byte]))]) {
      const { sink, told } = answered(pieces);
      expect([sink.written, sink.trailers, told.cutShort]).toEqual([AS_WEB, "", 0]);
    }
  });

  test("is the same as text, at every split", () => {
    for (const pieces of [[MESSAGES], ...twoPieces(MESSAGES), [...MESSAGES].map((byte) => Buffer.from([byte]))]) {
      const { sink } = answered(pieces, { text: true });
      expect(fromTexts(sink.written.toString())).toEqual(AS_WEB);
    }
  });

  test("can be read as text up to the last message that is here", () => {
    const { sink } = answered([message("1"), message("22").subarray(0, 6), message("22").subarray(6)], { text: true });
    const first = message("1").toString("base64");
    const second = message("22").toString("base64");
    const end = trailers("grpc-status: 0\r\n").toString("base64");
    expect(sink.written.toString()).toBe(`${first}${second}${end}`);
    expect(first.endsWith("=") || second.endsWith("=")).toBe(true);
  });

  test("copies nothing when it is binary", () => {
    const source = new Source();
    const taken: Buffer[] = [];
    const sink = Object.assign(new Sink(), { write: (bytes: Buffer) => taken.push(bytes) > 0 });
    new WebAnswerBody(source, false, NO_FIELDS, () => {}).attach(sink);
    source.sink?.write(MESSAGES);
    expect(taken[0]).toBe(MESSAGES);
  });

  test("keeps no memory of its source's when it is text, or its sink keeps none", () => {
    expect(answered([], { keeps: true }).body.keeps).toBe(false); // it has ended
    const kept = (text: boolean, keeps: boolean) => {
      const body = new WebAnswerBody(new Source(), text, NO_FIELDS, () => {});
      body.attach(new Sink(keeps));
      return body.keeps;
    };
    expect([kept(false, true), kept(false, false), kept(true, true), kept(true, false)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test.each([false, true])("stops its source while its reader takes nothing more (as text: %s)", (text) => {
    const source = new Source();
    const sink = new Sink();
    const body = new WebAnswerBody(source, text, NO_FIELDS, () => {});
    body.attach(sink);
    sink.takes = false;
    expect(source.sink?.write(message("one"))).toBe(false);
    body.resume();
    expect(source.resumed).toBe(1);
  });

  test("whose trailers stood in its head has those, and one without any says so", () => {
    const early = Fields.ofLines("grpc-status: 5\r\n");
    expect(answered([], { late: NO_FIELDS, early }).sink.written).toEqual(trailers("grpc-status: 5\r\n"));
    expect(answered([], { early }).sink.written).toEqual(trailers("grpc-status: 0\r\n"));
    expect(answered([message("1")], { late: Fields.ofLines("x: 1\r\n") }).sink.written).toEqual(
      Buffer.concat([
        message("1"),
        trailers("x: 1\r\ngrpc-status: 2\r\ngrpc-message: the answer ended without a status\r\n"),
      ]),
    );
  });

  test.each([false, true])("that ends inside a message has no trailers behind it (as text: %s)", (text) => {
    for (let to = 1; to < MESSAGES.length; to++) {
      if (to === 8 || to === 13) continue; // between two messages
      const { sink, told } = answered([MESSAGES.subarray(0, to)], { text });
      expect([told.cutShort, sink.trailers], `${to} bytes`).toEqual([1, undefined]);
      expect(sink.written.includes("grpc-status")).toBe(false);
    }
  });

  test("that breaks off breaks off, and is not ended after that", () => {
    const source = new Source();
    const sink = new Sink();
    new WebAnswerBody(source, false, NO_FIELDS, () => {}).attach(sink);
    source.sink?.write(message("one"));
    source.sink?.fail("lost");
    source.sink?.end(OK);
    expect([sink.failure, sink.trailers, sink.written]).toEqual(["lost", undefined, message("one")]);
  });

  test("that nobody wants any more is cancelled, and what still comes is dropped", () => {
    const { source, body, sink } = answered([]);
    body.cancel("the caller left");
    source.sink?.write(message("late"));
    expect(source.cancelled).toBe(true);
    expect(sink.written).toEqual(trailers("grpc-status: 0\r\n"));
  });
});

describe("a request as text", () => {
  test("is the frames that it stands for, at every split, in one text or in several", () => {
    const one = MESSAGES.toString("base64");
    const several = [message("one"), message("", 1), message("three bytes and more")]
      .map((each) => each.toString("base64"))
      .join("");
    expect(several).toMatch(/=[^=]/);
    for (const text of [one, several]) {
      for (let at = 0; at < text.length; at++) {
        const { sink, told } = asked([text.slice(0, at), text.slice(at)].filter((piece) => piece !== ""));
        expect([sink.written, sink.trailers, told.malformed]).toEqual([MESSAGES, "", 0]);
        expect(sink.writes).not.toContain(0);
      }
    }
  });

  test.each([
    { text: "AAAAAAN!bmU=", why: "a character" },
    { text: "AAAAAAN", why: "its end" },
    { text: "AAAA=AAN", why: "padding" },
  ])("is refused for $why at every split: its reader fails, and it is told once", ({ text }) => {
    for (let at = 1; at < text.length; at++) {
      const { source, sink, told } = asked([text.slice(0, at), text.slice(at)]);
      expect([told.malformed, sink.trailers, source.cancelled]).toEqual([1, undefined, true]);
      expect(sink.failure).toBeInstanceOf(Error);
    }
  });

  test("stops its source while nobody takes more, and goes on", () => {
    const source = new Source();
    const sink = new Sink();
    const body = new WebRequestBody(source, () => {});
    body.attach(sink);
    sink.takes = false;
    expect(source.sink?.write(Buffer.from("AAAAAAAA"))).toBe(false);
    body.resume();
    expect(source.resumed).toBe(1);
    expect(source.sink?.write(Buffer.from("AA"))).toBe(true); // nothing that the sink could hold
  });

  test("breaks off with its caller, and hands trailers on", () => {
    const { source, sink } = asked([]);
    source.sink?.fail("the caller left");
    expect(sink.failure).toBe("the caller left");
  });
});

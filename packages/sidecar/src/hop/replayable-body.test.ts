import { type BodySink, type BodySource, Fields, NO_FIELDS } from "@weft/http";
import { describe, expect, test } from "vitest";
import { ReplayableBody } from "./replayable-body.ts";

/** Where the body comes from, as the test says. */
class Source implements BodySource {
  readonly length: number;
  readonly chunked: boolean;
  readonly room = 0;
  sink: BodySink | undefined = undefined;
  resumed = 0;
  cancelled: unknown = undefined;

  constructor(length = -1, chunked = false) {
    this.length = length;
    this.chunked = chunked;
  }

  attach(sink: BodySink): void {
    this.sink = sink;
  }

  resume(): void {
    this.resumed++;
  }

  cancel(reason: unknown): void {
    this.cancelled = reason;
  }

  /** @returns whether more may be written */
  write(text: string): boolean {
    return this.sink!.write(Buffer.from(text)); // attached before
  }
}

/** Writes down what it is told. */
class Sink implements BodySink {
  readonly takesChunks: boolean;
  readonly keeps = true;
  takes = true;
  told = "";

  constructor(takesChunks = false) {
    this.takesChunks = takesChunks;
  }

  write(bytes: Buffer): boolean {
    this.told += bytes.toString();
    return this.takes;
  }

  end(trailers: Fields): void {
    this.told += `|${trailers.lines}`;
  }

  fail(reason: unknown): void {
    this.told += `!${String(reason)}`;
  }
}

describe("a body that can be sent again", () => {
  test("is untouched, and repeatable whatever its length, until somebody takes it", () => {
    expect(new ReplayableBody(new Source(1_000), 10).repeatable).toBe(true);
  });

  test("gives the next sink what the first had, and then goes on with it", () => {
    const source = new Source();
    const body = new ReplayableBody(source, 10);
    const [first, second] = [new Sink(), new Sink()];
    body.attach(first);
    source.write("one");
    body.cancel("given up");
    body.attach(second);
    source.write("two");
    source.sink?.end(Fields.ofLines("x: 1\r\n"));
    expect([first.told, second.told]).toEqual(["one", "onetwo|x: 1\r\n"]);
    expect([body.repeatable, body.ended]).toEqual([true, true]);
  });

  test("gives a third sink all of it after its end", () => {
    const source = new Source();
    const body = new ReplayableBody(source, 10);
    body.attach(new Sink());
    source.write("one");
    source.sink?.end(NO_FIELDS);
    const late = new Sink();
    body.attach(late);
    expect(late.told).toBe("one|");
  });

  test("is whole once its end has come, and all of it is remembered", () => {
    for (const [kept, whole] of [
      [3, true],
      [2, false],
    ] as const) {
      const source = new Source();
      const body = new ReplayableBody(source, kept);
      const [first, second] = [new Sink(), new Sink()];
      body.attach(first);
      source.write("one");
      expect(body.whole).toBe(false);
      source.sink?.end(NO_FIELDS);
      expect(body.whole).toBe(whole);
      if (!whole) continue;
      body.attach(second);
      body.cancel("the first was outrun");
      expect([first.told, second.told]).toEqual(["one|", "one|"]);
    }
  });

  test.each([
    { kept: 6, repeatable: true },
    { kept: 5, repeatable: false },
  ])("remembers up to $kept bytes: two of three bytes each are repeatable: $repeatable", ({ kept, repeatable }) => {
    const source = new Source();
    const body = new ReplayableBody(source, kept);
    body.attach(new Sink());
    source.write("one");
    expect(body.repeatable).toBe(true);
    source.write("two");
    expect(body.repeatable).toBe(repeatable);
  });

  test("remembers nothing of one that says that it is longer than that", () => {
    const source = new Source(11);
    const body = new ReplayableBody(source, 10);
    body.attach(new Sink());
    expect(body.repeatable).toBe(false);
  });

  test("holds its source up while nobody takes it, and goes on with the next sink", () => {
    const source = new Source();
    const body = new ReplayableBody(source, 10);
    body.attach(new Sink());
    body.cancel("given up");
    expect(source.write("one")).toBe(false);
    const second = new Sink();
    body.attach(second);
    expect(second.told).toBe("one");
    expect(source.resumed).toBe(1);
    expect(source.cancelled).toBeUndefined();
  });

  test("holds its source up while its sink is full", () => {
    const source = new Source();
    const body = new ReplayableBody(source, 10);
    const sink = new Sink();
    sink.takes = false;
    body.attach(sink);
    expect(source.write("one")).toBe(false);
    body.resume();
    body.resume();
    expect(source.resumed).toBe(1);
  });

  test("tells every sink that its source broke off, and cannot be sent again", () => {
    const source = new Source();
    const body = new ReplayableBody(source, 10);
    const [first, late] = [new Sink(), new Sink()];
    body.attach(first);
    source.sink?.fail("gone");
    body.attach(late);
    expect([first.told, late.told]).toEqual(["!gone", "!gone"]);
    expect(body.repeatable).toBe(false);
  });

  test("ends its source when the call is over, unless that has ended", () => {
    const open = new Source();
    new ReplayableBody(open, 10).drop("over");
    expect(open.cancelled).toBe("over");
    const ended = new Source();
    const body = new ReplayableBody(ended, 10);
    body.attach(new Sink());
    ended.sink?.end(NO_FIELDS);
    body.drop("over");
    expect(ended.cancelled).toBeUndefined();
  });
});

describe("memory of what came", () => {
  const piece = (): Buffer => Buffer.from(new ArrayBuffer(8 * 1024));

  test("is freed once it has left, when it cannot be sent again", () => {
    const source = new Source(20_000);
    const body = new ReplayableBody(source, 10_000);
    const sink = new Sink();
    body.attach(sink);
    const first = piece();
    expect(source.sink!.write(first)).toBe(true);
    expect(first.buffer.byteLength).toBe(0);
    sink.takes = false;
    const second = piece();
    expect(source.sink!.write(second)).toBe(false);
    expect(second.buffer.byteLength).toBe(8 * 1024);
    body.resume();
    expect(second.buffer.byteLength).toBe(0);
    expect(source.resumed).toBe(1);
  });

  test("stays while it may be sent again", () => {
    const source = new Source(8 * 1024);
    const body = new ReplayableBody(source, 10_000);
    body.attach(new Sink());
    const bytes = piece();
    source.sink!.write(bytes);
    expect(bytes.buffer.byteLength).toBe(8 * 1024);
  });
});

describe("a body in chunks of HTTP/1.1", () => {
  test("goes on as it stands to a sink that takes chunks, and as content to the next one that does not", () => {
    const source = new Source(-1, true);
    const body = new ReplayableBody(source, 1_000);
    const first = new Sink(true);
    body.attach(first);
    expect(source.sink?.takesChunks).toBe(true);
    source.write("3\r\nabc\r\n2\r");
    body.cancel(new Error("another attempt"));
    const second = new Sink(false);
    body.attach(second);
    source.write("\nde\r\n");
    source.sink?.end(NO_FIELDS);
    expect(first.told).toBe("3\r\nabc\r\n2\r");
    expect(second.told).toBe("abcde|");
  });

  test("comes as content when the first sink takes no chunks, and is none of chunks for the next", () => {
    const source = new Source(-1, true);
    const body = new ReplayableBody(source, 1_000);
    body.attach(new Sink(false));
    expect(source.sink?.takesChunks).toBe(false);
    source.write("abc");
    expect(body.chunked).toBe(false);
    const second = new Sink(true);
    body.attach(second);
    expect(second.told).toBe("abc");
  });
});

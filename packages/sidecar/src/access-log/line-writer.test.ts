import { fakeTime } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { LineWriter } from "./line-writer.ts";
import type { Sink } from "./sink.ts";

type Done = Parameters<Sink["write"]>[2];

/** A sink whose answers the test gives. */
function heldSink(): Sink & {
  text: string;
  readonly asked: string[];
  closed: boolean;
  take(bytes?: number): void;
  refuse(code: string): void;
} {
  let held: { readonly rest: Buffer; readonly done: Done } | undefined;
  const answered = (): { readonly rest: Buffer; readonly done: Done } => {
    const now = held;
    if (now === undefined) throw new Error("nothing is being written");
    held = undefined;
    return now;
  };
  return {
    text: "",
    asked: [],
    closed: false,
    named: true,
    write(bytes, from, done) {
      expect(held, "one write at a time").toBeUndefined();
      held = { rest: bytes.subarray(from), done };
      this.asked.push(held.rest.toString());
    },
    take(bytes) {
      const { rest, done } = answered();
      this.text += rest.toString("latin1", 0, bytes);
      done(null, bytes ?? rest.length);
    },
    refuse(code) {
      answered().done(Object.assign(new Error(code), { code }), 0);
    },
    reopen: async () => {},
    close() {
      this.closed = true;
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("line writer", () => {
  test("writes the lines of a turn at once, and those that come meanwhile after them", async () => {
    const sink = heldSink();
    const writer = new LineWriter(sink, fakeTime());
    writer.write("a\n");
    writer.write("b\n");
    expect(sink.asked).toEqual([]);
    await turn();
    writer.write("c\n");
    writer.write("d\n");
    sink.take();
    sink.take();
    expect(sink.asked).toEqual(["a\nb\n", "c\nd\n"]);
    writer.write("e\n");
    await turn();
    sink.take();
    expect(sink.text).toBe("a\nb\nc\nd\ne\n");
    expect(writer.linesDropped).toBe(0);
  });

  test("goes on where a write stopped short", async () => {
    const sink = heldSink();
    const writer = new LineWriter(sink, fakeTime());
    writer.write("first\nsecond\n");
    await turn();
    sink.take(8);
    sink.take(2);
    sink.take();
    expect(sink.text).toBe("first\nsecond\n");
  });

  test.each([
    { code: "ENOSPC", pauseMs: 1_000 },
    { code: "EPIPE", pauseMs: 1_000 },
    { code: "EAGAIN", pauseMs: 1 },
  ])("tries again $pauseMs ms after $code and tears no line", async ({ code, pauseMs }) => {
    const sink = heldSink();
    const time = fakeTime();
    const writer = new LineWriter(sink, time);
    writer.write("first\nsecond\n");
    await turn();
    sink.take(8);
    sink.refuse(code);
    writer.write("third\n");
    await turn();
    expect(sink.asked).toHaveLength(2);
    await time.advance(pauseMs - 1);
    expect(sink.asked).toHaveLength(2);
    await time.advance(1);
    sink.take();
    sink.take();
    expect(sink.text).toBe("first\nsecond\nthird\n");
  });

  test("tells once why it cannot write, and once that it can again; a pipe that is full is no news", async () => {
    const sink = heldSink();
    const time = fakeTime();
    const told: (string | undefined)[] = [];
    const writer = new LineWriter(sink, time, { onTrouble: (why) => told.push(why) });
    writer.write("first\n");
    await turn();
    sink.refuse("EAGAIN");
    await time.advance(1);
    expect(told).toEqual([]);
    for (let i = 0; i < 3; i++) {
      sink.refuse("ENOSPC");
      await time.advance(1_000);
    }
    expect(told).toEqual(["ENOSPC"]);
    sink.take();
    writer.write("second\n");
    await turn();
    sink.take();
    expect(told).toEqual(["ENOSPC", undefined]);
  });

  test("drops and counts what finds no room while nothing can be written", async () => {
    const sink = heldSink();
    const time = fakeTime();
    const writer = new LineWriter(sink, time, { maxBytes: 20 });
    writer.write("0123456789abcde\n");
    await turn();
    sink.refuse("ENOSPC");
    writer.write("fit\n");
    writer.write("x\n");
    writer.write("y\n");
    expect(writer.linesDropped).toBe(2);
    await time.advance(1_000);
    sink.take();
    sink.take();
    writer.write("room again\n");
    await turn();
    sink.take();
    expect(sink.text).toBe("0123456789abcde\nfit\nroom again\n");
    expect(writer.linesDropped).toBe(2);
  });

  test("leaves the rest of a torn line behind when the file was opened anew", async () => {
    const sink = heldSink();
    const time = fakeTime();
    const writer = new LineWriter(sink, time);
    writer.write("first\nsecond\nthird\n");
    await turn();
    sink.take(8);
    sink.refuse("ENOSPC");
    await writer.reopen();
    sink.text = "";
    await time.advance(1_000);
    sink.take();
    expect(sink.text).toBe("third\n");
    expect(writer.linesDropped).toBe(1);
  });

  test("close waits for what is left, then lets go of the sink", async () => {
    const sink = heldSink();
    const writer = new LineWriter(sink, fakeTime());
    writer.write("a\n");
    const closed = writer.close();
    writer.write("late\n");
    await turn();
    expect(sink.closed).toBe(false);
    sink.take();
    await closed;
    expect(sink).toMatchObject({ text: "a\n", closed: true });
    expect(writer.linesDropped).toBe(1);
    await writer.close();
  });

  test("close gives up after a while, counts what is left, and writes nothing afterwards", async () => {
    const sink = heldSink();
    const time = fakeTime();
    const writer = new LineWriter(sink, time);
    writer.write("a\nb\n");
    await turn();
    writer.write("c\n");
    const closed = writer.close();
    sink.refuse("EAGAIN");
    for (const pauseMs of [1, 2, 4, 8, 16, 32, 64, 128, 128]) {
      await time.advance(pauseMs);
      sink.refuse("EAGAIN");
    }
    await time.advance(2_000);
    await closed;
    expect(sink.closed).toBe(true);
    expect(writer.linesDropped).toBe(3);
    sink.take();
    expect(sink.asked.at(-1)).toBe("a\nb\n");
  });
});

import { describe, expect, test } from "vitest";
import type { BodySink } from "../wire/body.ts";
import { ROOM } from "../wire/read-buffers.ts";
import { type BodyOwner, ResponseBody } from "./response-body.ts";

/** What the exchange and the sink of a body were told, in their order. */
function told(): { log: string[]; owner: BodyOwner } {
  const log: string[] = [];
  return {
    log,
    owner: {
      resumeReading: () => void log.push("read on"),
      bodyEnded: (exact) => void log.push(exact ? "ended" : "ended, and more came"),
      bodyRefused: ({ code }) => void log.push(`refused: ${code}`),
      bodyCancelled: (reason) => void log.push(`cancelled: ${String(reason)}`),
    },
  };
}

/** Writes over the room in front of the first view, as a writer of heads does. */
function writer(log: string[], body: ResponseBody, takesChunks: boolean, takes = true): BodySink {
  return {
    takesChunks,
    keeps: true,
    write(bytes) {
      if (body.room > 0) Buffer.from(bytes.buffer, bytes.byteOffset - body.room, body.room).fill("!");
      log.push(bytes.toString("latin1"));
      return takes;
    },
    end: (trailers) => void log.push(`end ${trailers.lines}`),
    fail: (reason) => void log.push(`failed: ${String(reason)}`),
  };
}

/** A read into the body's own buffer. */
function read(body: ResponseBody, text: string): boolean {
  const buffer = body.readBuffer!; // the body has a sink
  return body.received(buffer, buffer.write(text, "latin1"));
}

describe("the room in front of the first view", () => {
  test("is the body's own, where that begins with what came with the head", () => {
    const { log, owner } = told();
    const body = new ResponseBody(owner, 10, false);
    body.begin(Buffer.from("12345"), 0, 5);
    expect(body.room).toBe(ROOM);
    body.attach(writer(log, body, false));
    expect(body.room).toBe(0);
    read(body, "67890");
    expect(log).toEqual(["12345", "read on", "67890", "ended", "end "]);
  });

  test("is none, where the first view is a line that the decoder wrote anew", () => {
    const { log, owner } = told();
    const body = new ResponseBody(owner, -1, true);
    const bytes = Buffer.from("5;a=b\r\nhello\r\n");
    body.begin(bytes, 0, bytes.length);
    const neighbour = Buffer.from("of somebody else"); // lies in the pool that small buffers share
    body.attach(writer(log, body, true));
    expect(log.slice(0, 2)).toEqual(["5\r\n", "hello\r\n"]);
    expect(neighbour.toString()).toBe("of somebody else");
  });

  test("is none, where nothing came with the head", () => {
    const { log, owner } = told();
    const body = new ResponseBody(owner, 5, false);
    body.begin(Buffer.alloc(0), 0, 0);
    body.attach(writer(log, body, false));
    read(body, "hello");
    expect(log).toEqual(["read on", "hello", "ended", "end "]);
  });
});

describe("a sink that takes no more", () => {
  test("stops the reads until it resumes, and hears of the end when that is here", () => {
    const { log, owner } = told();
    const body = new ResponseBody(owner, 10, false);
    body.begin(Buffer.from("123"), 0, 3);
    body.attach(writer(log, body, false, false));
    expect(log).toEqual(["123"]);
    body.resume();
    body.resume();
    expect(log).toEqual(["123", "read on"]);
    expect(read(body, "4567890")).toBe(false);
    expect(log.slice(2)).toEqual(["4567890", "ended", "end "]);
  });

  test.each(["length", "chunked"])("and gives up in the middle of a %s is not called again", (framing) => {
    const { log, owner } = told();
    const chunked = framing === "chunked";
    const body = new ResponseBody(owner, chunked ? -1 : 10, chunked);
    const bytes = Buffer.from(chunked ? "5;a\r\n12345\r\n5\r\n67890\r\n0\r\n\r\n" : "1234567890");
    body.begin(bytes, 0, bytes.length - 2);
    body.attach({
      takesChunks: false,
      keeps: true,
      write(view) {
        log.push(view.toString("latin1"));
        body.cancel("enough");
        return true;
      },
      end: () => void log.push("end"),
      fail: () => void log.push("failed"),
    });
    expect(log).toEqual([chunked ? "12345" : "12345678", "cancelled: enough"]);
    body.broke("late");
    body.resume();
    expect(log).toHaveLength(2);
  });
});

describe("a body that is attached late", () => {
  test("gives what has come, and its end, when it was complete", () => {
    const { log, owner } = told();
    const body = new ResponseBody(owner, 5, false);
    expect(body.begin(Buffer.from("hello, and more"), 0, 15)).toBe(10);
    body.attach(writer(log, body, false));
    expect(log).toEqual(["hello", "end "]);
  });

  test("fails at once when it has broken off", () => {
    const { log, owner } = told();
    const body = new ResponseBody(owner, 5, false);
    body.begin(Buffer.from("hel"), 0, 3);
    expect(body.closed()).toBe(false);
    body.broke("gone");
    body.attach(writer(log, body, false));
    expect(log).toEqual(["failed: gone"]);
  });

  test("is refused when its chunks are malformed", () => {
    const { log, owner } = told();
    const refuses: BodyOwner = {
      ...owner,
      bodyRefused(refusal) {
        owner.bodyRefused(refusal);
        body.broke(refusal.code); // as the exchange does
      },
    };
    const body = new ResponseBody(refuses, -1, true);
    body.begin(Buffer.from("no\r\n"), 0, 4);
    body.attach(writer(log, body, false));
    expect(log).toEqual(["refused: chunk-size", "failed: chunk-size"]);
  });

  test("ends with its connection when that ended before", () => {
    const { log, owner } = told();
    const body = new ResponseBody(owner, -1, false);
    body.begin(Buffer.from("all"), 0, 3);
    expect(body.closed()).toBe(true);
    body.attach(writer(log, body, false));
    expect(log).toEqual(["ended, and more came", "all", "end "]);
  });
});

import { describe, expect, test } from "vitest";
import type { BodySink } from "../wire/body.ts";
import { RequestBody, type RequestBodyOwner } from "./request-body.ts";

/** What the connection and the sink of a body were told, in their order. */
function told(takes = true): { log: string[]; owner: RequestBodyOwner; sink: BodySink } {
  const log: string[] = [];
  return {
    log,
    owner: {
      readMore: (wanted) => void log.push(wanted ? "read on" : "stop"),
      bodyWanted: () => void log.push("wanted"),
      cameBehind: (bytes) => void log.push(`behind: ${bytes.toString()}`),
      bodyRefused: ({ code }) => void log.push(`refused: ${code}`),
      bodyCutShort: () => void log.push("cut short"),
    },
    sink: {
      takesChunks: false,
      keeps: true,
      write: (bytes) => (log.push(bytes.toString()), takes),
      end: (trailers) => void log.push(`end ${trailers.lines}`),
      fail: (reason) => void log.push(`failed: ${String(reason)}`),
    },
  };
}

describe("a request's body", () => {
  test("stops the reads while nobody has attached, and asks the caller for nothing that is here", () => {
    const { log, owner, sink } = told();
    const body = new RequestBody(owner, 10);
    body.take(Buffer.from("123"));
    body.take(Buffer.from("45"));
    body.attach(sink);
    body.take(Buffer.from("67890GET"));
    expect(log).toEqual(["stop", "stop", "12345", "read on", "67890", "behind: GET", "end "]);
    expect(body).toMatchObject({ received: 10, complete: true, receiving: false });
  });

  test("asks the caller for what is not here", () => {
    const { log, owner, sink } = told();
    new RequestBody(owner, 10).attach(sink);
    expect(log).toEqual(["wanted", "read on"]);
  });

  test("says what lies behind it before it says that it is complete", () => {
    const { log, owner, sink } = told();
    const body = new RequestBody(owner, -1);
    body.take(Buffer.from("2\r\nok\r\n0\r\nX: y\r\n\r\nGET / HTTP/1.1\r\n"));
    body.attach(sink);
    expect(log).toEqual(["stop", "ok", "behind: GET / HTTP/1.1\r\n", "end X: y\r\n"]);
  });

  test("stops the reads while its sink holds what it got", () => {
    const { log, owner, sink } = told(false);
    const body = new RequestBody(owner, 10);
    body.attach(sink);
    body.take(Buffer.from("12345"));
    expect(body).toMatchObject({ waiting: false, heldUp: true });
    body.resume();
    body.resume();
    expect(body.waiting).toBe(true);
    expect(log).toEqual(["wanted", "read on", "12345", "stop", "read on"]);
  });

  test("that is not wanted any more takes nothing, and is not complete", () => {
    const { log, owner } = told();
    const body = new RequestBody(owner, 10);
    body.attach({
      takesChunks: false,
      keeps: true,
      write: (bytes) => (log.push(bytes.toString()), body.cancel("enough"), true),
      end: () => void log.push("end"),
      fail: () => void log.push("failed"),
    });
    body.take(Buffer.from("1234567890"));
    body.broke("late");
    expect(body).toMatchObject({ complete: false, receiving: false });
    expect(log).toEqual(["wanted", "read on", "1234567890"]);
  });

  test("of which the caller has ended the rest is cut short when that shows", () => {
    const { log, owner, sink } = told();
    const body = new RequestBody(owner, 10);
    expect(new RequestBody(owner, 10).callerEnded()).toBe(false);
    body.take(Buffer.from("12345"));
    expect(body.callerEnded()).toBe(true);
    body.attach(sink);
    expect(log).toEqual(["stop", "12345", "cut short"]);
  });

  test("that is refused says so, and nothing more of it is given", () => {
    const { log, owner, sink } = told();
    const body = new RequestBody(owner, -1);
    body.attach(sink);
    body.take(Buffer.from("2\r\nok\r\nno\r\n"));
    body.broke("refused");
    expect(log).toEqual(["wanted", "read on", "ok", "refused: chunk-size", "failed: refused"]);
  });
});

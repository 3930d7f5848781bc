import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { ReplayBody } from "./replay-body.ts";

/** A source that gives a piece whenever the test says so. */
function source(): AsyncIterable<string> & { give(piece: string | Error | undefined): void; returned: number } {
  const waiting: PromiseWithResolvers<IteratorResult<string>>[] = [];
  const self = {
    returned: 0,
    give(piece: string | Error | undefined) {
      const next = waiting.shift();
      if (next === undefined) throw new Error("nobody asked for a piece");
      if (piece instanceof Error) next.reject(piece);
      else next.resolve(piece === undefined ? { done: true, value: undefined } : { done: false, value: piece });
    },
    [Symbol.asyncIterator]: () => ({
      next() {
        const next = Promise.withResolvers<IteratorResult<string>>();
        waiting.push(next);
        return next.promise;
      },
      return() {
        self.returned++;
        return Promise.resolve({ done: true as const, value: undefined });
      },
    }),
  };
  return self;
}

async function all(body: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of body) text += String(chunk);
  return text;
}

describe("replay body", () => {
  test("gives each attempt the whole of it", async () => {
    const body = new ReplayBody(["one ", "two ", "three"], 100);
    expect([await all(body), await all(body)]).toEqual(["one two three", "one two three"]);
    expect(body.repeatable).toBe(true);
  });

  test("goes on with the same source where the attempt before stopped", async () => {
    const body = new ReplayBody(["one ", "two ", "three"], 100);
    await body[Symbol.asyncIterator]().next();
    expect(await all(body)).toBe("one two three");
  });

  test("loses no piece that an attempt given up was still waiting for", async () => {
    const pieces = source();
    const body = new ReplayBody(pieces, 100);
    const given = body[Symbol.asyncIterator]().next();
    const whole = all(body);
    pieces.give("late ");
    expect(await given).toEqual({ done: true, value: undefined });
    await Promise.resolve();
    pieces.give("and last");
    await Promise.resolve();
    await new Promise(setImmediate);
    pieces.give(undefined);
    expect(await whole).toBe("late and last");
  });

  test("passes on what is over the bound, once, and cannot be repeated then", async () => {
    const body = new ReplayBody(["12345", "67890"], 5);
    const attempt = body[Symbol.asyncIterator]();
    await attempt.next();
    expect(body.repeatable).toBe(true);
    expect(await attempt.next()).toEqual({ done: false, value: "67890" });
    expect(body.repeatable).toBe(false);
  });

  test("counts bytes, not characters", async () => {
    const body = new ReplayBody(["äöü"], 5);
    await all(body);
    expect(body.repeatable).toBe(false);
  });

  test("fails every attempt that reads on after its source failed, lest half of it pass for a whole", async () => {
    const pieces = source();
    const body = new ReplayBody(pieces, 100);
    const first = body[Symbol.asyncIterator]();
    const one = first.next();
    pieces.give("half");
    await one;
    const two = first.next();
    pieces.give(new Error("disk on fire"));
    await expect(two).rejects.toThrow("disk on fire");
    expect(body.repeatable).toBe(false);
    await expect(all(body)).rejects.toThrow("disk on fire");
  });

  test("lets its source go when it is closed, but not one that has ended", async () => {
    const pieces = source();
    const open = new ReplayBody(pieces, 100);
    open.close();
    open.close();
    expect(pieces.returned).toBe(1);
    const readable = Readable.from(["x"]);
    const ended = new ReplayBody(readable, 100);
    await all(ended);
    ended.close();
    expect(readable.readableEnded).toBe(true);
  });

  test("is not brought down by a source that fails to close, or fails unread", async () => {
    const stubborn = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false as const, value: "x" }),
        return(): never {
          throw new Error("no");
        },
      }),
    };
    new ReplayBody(stubborn, 1).close();
    const readable = new Readable({ read() {} });
    const body = new ReplayBody(readable, 1);
    readable.destroy(new Error("unread"));
    await expect(all(body)).rejects.toThrow("unread");
  });
});

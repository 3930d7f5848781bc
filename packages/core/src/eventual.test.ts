import { describe, expect, test } from "vitest";
import { Eventual } from "./eventual.ts";

describe("eventual", () => {
  test("tells those who wait in the tick in which it settles, in their order", () => {
    const eventual = new Eventual<number>();
    const told: string[] = [];
    void eventual.then((value) => told.push(`first ${value}`));
    void eventual.then((value) => told.push(`second ${value}`));
    void eventual.then((value) => told.push(`third ${value}`));
    eventual.resolve(7);
    expect(told).toEqual(["first 7", "second 7", "third 7"]);
    void eventual.then((value) => told.push(`late ${value}`));
    expect(told.at(-1)).toBe("late 7");
  });

  test("settles once", () => {
    const eventual = new Eventual<number>();
    const told: unknown[] = [];
    void eventual.then(
      (value) => told.push(value),
      (error) => told.push(error),
    );
    eventual.resolve(1);
    eventual.resolve(2);
    eventual.reject(new Error("late"));
    expect(told).toEqual([1]);
  });

  test("can be awaited, kept or broken", async () => {
    const kept = new Eventual<number>();
    const broken = new Eventual<number>();
    const waits = Promise.allSettled([kept, broken]);
    kept.resolve(1);
    broken.reject(new Error("no"));
    expect(await waits).toMatchObject([{ value: 1 }, { reason: { message: "no" } }]);
  });

  test("hands on what handlers return, throw, or promise", async () => {
    const error = new Error("thrown");
    const from = (handler: (value: number) => unknown): PromiseLike<unknown> => {
      const eventual = new Eventual<number>();
      const then = eventual.then(handler);
      eventual.resolve(2);
      return then;
    };
    expect(await from((value) => value * 2)).toBe(4);
    expect(await from(async (value) => value * 3)).toBe(6);
    await expect(
      Promise.resolve(
        from(() => {
          throw error;
        }),
      ),
    ).rejects.toBe(error);
    await expect(Promise.resolve(from(() => Promise.reject(error)))).rejects.toBe(error);
  });

  test("passes through where there is no handler", async () => {
    const broken = new Eventual<number>();
    const caught = broken.then((value) => value).then(undefined, (error: unknown) => `caught ${String(error)}`);
    broken.reject("it");
    expect(await caught).toBe("caught it");
    const kept = new Eventual<number>();
    const passed = kept.then(undefined, () => 0);
    kept.resolve(5);
    expect(await passed).toBe(5);
  });

  test("resolved with a promise it waits for that one, and takes nothing else meanwhile", async () => {
    const inner = Promise.withResolvers<number>();
    const eventual = new Eventual<number>();
    eventual.resolve(inner.promise);
    eventual.resolve(9);
    inner.resolve(3);
    expect(await eventual).toBe(3);
  });
});

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { KeptShapes } from "./kept-shapes.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** What of `count` objects, kept one after the other, is still there behind a collection. */
async function leftOf(count: number): Promise<number[]> {
  const shapes = new KeptShapes();
  const refs = Array.from({ length: count }, (_, number) => {
    const ended = { number };
    shapes.keep(ended);
    return new WeakRef(ended);
  });
  await new Promise(setImmediate); // a WeakRef holds what it was made for until its job is over
  collect();
  return refs.flatMap((ref) => ref.deref()?.number ?? []);
}

test("the last sixteen stay, what was before them goes", async () => {
  expect(await leftOf(3)).toEqual([0, 1, 2]);
  expect(await leftOf(50)).toEqual(Array.from({ length: 16 }, (_, index) => 34 + index));
});

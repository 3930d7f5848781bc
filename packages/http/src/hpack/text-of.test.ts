import { expect, test } from "vitest";
import { textOf } from "./text-of.ts";

test("bytes of each value become the same characters, at any length and place", () => {
  const bytes = Buffer.from(Array.from({ length: 256 + 32 }, (_, i) => i & 0xff));
  for (let from = 0; from < 256; from++)
    for (let to = from; to <= from + 32; to++) {
      const text = textOf(bytes, from, to);
      if (text !== bytes.toString("latin1", from, to)) expect.fail(`from ${from} to ${to}: ${JSON.stringify(text)}`);
    }
});

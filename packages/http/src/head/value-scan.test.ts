import { expect, test } from "vitest";
import { VALUE } from "./byte-tables.ts";
import { behindValue, memoryWords } from "./value-scan.ts";

test("a value stops at the same byte, wherever it lies in memory and whatever stands before that byte", () => {
  const memory = Buffer.alloc(67);
  const words = memoryWords();
  const wrong: string[] = [];
  for (let offset = 0; offset < 4; offset++) {
    for (let length = 0; length < 12; length++) {
      for (const filler of [0x20, 0x61, 0x7e, 0x80, 0xff, 0x09]) {
        for (let byte = 0; byte < 256; byte++) {
          const bytes = memory.subarray(offset, offset + 40);
          bytes.fill(filler);
          bytes[3 + length] = byte;
          bytes[4 + length] = 0x0d;
          const stop = VALUE[byte] === 0 ? 3 + length : 4 + length;
          const stops = [40, 3 + length].map((to) => behindValue(bytes, words.of(bytes), bytes.byteOffset, 3, to));
          if (stops[0] !== stop || stops[1] !== 3 + length)
            wrong.push(`${offset} ${length} ${filler} ${byte}: ${stops}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
});

test("each memory has its own words, also one that is no whole number of them", () => {
  const words = memoryWords();
  const odd = Buffer.from(new ArrayBuffer(7));
  expect(words.of(odd).length).toBe(1);
  const other = Buffer.from(new ArrayBuffer(8));
  expect(words.of(other).buffer).toBe(other.buffer);
  expect(words.of(other.subarray(4)).buffer).toBe(other.buffer);
  expect(words.of(odd).buffer).toBe(odd.buffer);
});

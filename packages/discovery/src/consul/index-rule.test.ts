import { expect, test } from "vitest";
import { nextIndex } from "./index-rule.ts";

test.each([
  { last: 0n, header: "12", flipped: false, index: 12n, reset: false, why: "the first index is taken" },
  { last: 12n, header: "13", flipped: false, index: 13n, reset: false, why: "a higher one goes on" },
  { last: 12n, header: "12", flipped: false, index: 12n, reset: false, why: "the same one is a wait that ran out" },
  { last: 12n, header: "11", flipped: false, index: 0n, reset: true, why: "a lower one is another count" },
  { last: 0n, header: "0", flipped: false, index: 1n, reset: false, why: "0 would never block" },
  { last: 0n, header: undefined, flipped: false, index: 1n, reset: false, why: "none is as good as 0" },
  { last: 12n, header: undefined, flipped: false, index: 0n, reset: true, why: "none after some is a step back" },
  { last: 0n, header: "twelve", flipped: false, index: 1n, reset: false, why: "words are no index" },
  { last: 0n, header: "-5", flipped: false, index: 1n, reset: false, why: "a negative one is no index" },
  { last: 5n, header: "18446744073709551615", flipped: false, index: 2n ** 64n - 1n, reset: false, why: "64 bits fit" },
  { last: 0n, header: "18446744073709551616", flipped: false, index: 1n, reset: false, why: "65 bits do not" },
  {
    last: 9007199254740993n,
    header: "9007199254740992",
    flipped: false,
    index: 0n,
    reset: true,
    why: "one less past 2^53 is still less",
  },
  { last: 12n, header: "14", flipped: true, index: 0n, reset: true, why: "another backend counts differently" },
])("asks with $index after $header at $last: $why", ({ last, header, flipped, index, reset }) => {
  expect(nextIndex(last, header, flipped)).toEqual({ index, reset });
});

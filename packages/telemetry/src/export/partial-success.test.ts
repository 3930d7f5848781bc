import { expect, test } from "vitest";
import { readPartialSuccess } from "./partial-success.ts";

/** ExportTraceServiceResponse { partial_success { rejected_spans, error_message } } */
function answer(rejected: readonly number[], why: string): Buffer {
  const text = Buffer.from(why);
  const inner = Buffer.from([0x08, ...rejected, 0x12, text.length, ...text]);
  return Buffer.from([0x0a, inner.length, ...inner]);
}

test("says how many were rejected, and why", () => {
  expect(readPartialSuccess(answer([0x83, 0x02], "too large"))).toEqual({ rejected: 259, why: "too large" });
});

test("says nothing of an answer that is empty, or has fields of a later version only", () => {
  expect(readPartialSuccess(Buffer.alloc(0))).toBeUndefined();
  expect(readPartialSuccess(Buffer.from([0x10, 0x07, 0x1d, 1, 2, 3, 4]))).toBeUndefined();
  expect(readPartialSuccess(Buffer.from([0x0a, 0x00]))).toEqual({ rejected: 0, why: "" });
});

test("reads past fields that it does not know", () => {
  const later = Buffer.concat([Buffer.from([0x19, 1, 2, 3, 4, 5, 6, 7, 8]), answer([1], "x")]);
  expect(readPartialSuccess(later)).toEqual({ rejected: 1, why: "x" });
});

test("takes nothing that is no such answer for one, and never throws", () => {
  const whole = answer([0x83, 0x02], "too large");
  for (let length = 1; length < whole.length; length++)
    expect(readPartialSuccess(whole.subarray(0, length))).toBeUndefined();
  for (let first = 0; first < 256; first++) {
    for (const more of [[], [0xff], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]])
      expect(() => readPartialSuccess(Buffer.from([first, ...more]))).not.toThrow();
  }
  expect(readPartialSuccess(Buffer.from('{"partialSuccess":{}}'))).toBeUndefined();
});

import { describe, expect, test } from "vitest";
import { grpcTimeoutMs, grpcTimeoutOf } from "./grpc-timeout.ts";

describe("a grpc-timeout", () => {
  test.each([
    ["2H", 7_200_000],
    ["2M", 120_000],
    ["2S", 2_000],
    ["2m", 2],
    ["2000u", 2],
    ["99999999n", 99.999_999],
    ["0S", 0],
    ["99999999H", 359_999_996_400_000],
  ])("%s is %d ms", (value, ms) => {
    expect(grpcTimeoutMs(value)).toBeCloseTo(ms, 6);
  });

  test.each(["", "S", "2", "2s", "2h", "-1S", "1.5S", "+1S", " 1S", "1S ", "123456789m", "1e3m", "１S"])(
    "%j says nothing",
    (value) => {
      expect(grpcTimeoutMs(value)).toBe(Number.POSITIVE_INFINITY);
    },
  );
});

describe("what is left", () => {
  test.each([
    [0, "1n"],
    [-5, "1n"],
    [0.000_001, "1n"],
    [0.25, "250000n"],
    [99.999_999, "99999999n"],
    [100, "100000u"],
    [1_234.5678, "1234567u"],
    [99_999.9995, "99999999u"],
    [100_000, "100000m"],
    [86_400_000, "86400000m"],
    [100_000_000, "100000S"],
    [1e12, "16666666M"],
    [1e15, "99999999H"],
  ])("%d ms are sent as %s", (ms, value) => {
    expect(grpcTimeoutOf(ms)).toBe(value);
  });

  test("is never more than was left, and hardly less", () => {
    for (let ms = 0.000_001; ms < 1e14; ms *= 1.37) {
      const restated = grpcTimeoutMs(grpcTimeoutOf(ms));
      expect(restated).toBeLessThanOrEqual(ms * (1 + 1e-9));
      // A unit is taken when 10^8 of the next finer one are too few, of which 1,000 make one at most: 10^5 are the fewest.
      if (ms > 1) expect(ms - restated).toBeLessThan(ms / 1e5);
    }
  });
});

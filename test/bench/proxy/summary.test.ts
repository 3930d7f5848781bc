import { describe, expect, test } from "vitest";
import type { Aim } from "./scenario.ts";
import { judge, ratioOf, type Rounds, spreadOf } from "./summary.ts";

const mine: Rounds = [{ cpuUs: 12 }, undefined, { cpuUs: 30 }, { cpuUs: 11 }];
const theirs: Rounds = [{ cpuUs: 10 }, { cpuUs: 10 }, { cpuUs: 20 }, undefined];

describe("a figure over the rounds", () => {
  test("is the median of those that did not fail, with the quarter points", () => {
    expect(spreadOf(mine, "cpuUs")).toEqual({ median: 12, low: 11.5, high: 21 });
  });

  test("is compared within a round, and only in rounds that both have", () => {
    expect(ratioOf(mine, theirs, "cpuUs")).toEqual({ median: 1.35, low: 1.275, high: 1.425 });
  });

  test("of no round is not a number", () => {
    expect(spreadOf([], "cpuUs").median).toBeNaN();
  });
});

describe("an aim", () => {
  const measured = new Map([
    ["weft", mine],
    ["haproxy", theirs],
  ]);
  const aim = { figure: "cpuUs", kind: "at most", value: 1.35, timesOf: "haproxy" } satisfies Aim;

  test("is reached at its very bound, and not past it", () => {
    expect(judge(aim, "weft", measured).verdict).toBe("reached");
    expect(judge({ ...aim, value: 1.34 }, "weft", measured).verdict).toBe("NOT reached");
  });

  test("may be a difference, or a bound alone", () => {
    expect(judge({ figure: "cpuUs", kind: "at most", value: 6, beyond: "haproxy" }, "weft", measured).value).toBe(6);
    expect(judge({ figure: "cpuUs", kind: "at least", value: 13 }, "weft", measured).verdict).toBe("NOT reached");
  });

  test("is not judged without the one it is compared with", () => {
    expect(judge({ ...aim, timesOf: "envoy" }, "weft", measured).verdict).toBe("not measured");
  });
});

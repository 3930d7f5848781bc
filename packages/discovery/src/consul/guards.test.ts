import { endpoint } from "@weft/core";
import { expect, test } from "vitest";
import { judge } from "./guards.ts";
import type { Held } from "./guards.ts";

const four = ["a", "b", "c", "d"].map((id, at) => endpoint({ id, host: `10.0.0.${at + 1}`, port: 80 }));
const plain = { knownLeader: true, filtered: false };
const empty = { ...plain, endpoints: [] };

test("believes an empty answer when nothing was known", () => {
  expect(judge([], undefined, empty, 0)).toEqual({ kind: "believe" });
});

test.each([
  { answer: { ...empty, knownLeader: false }, because: "no-servers" },
  { answer: { ...empty, filtered: true }, because: "filtered" },
])("ignores an empty answer: $because", ({ answer, because }) => {
  expect(judge(four, undefined, answer, 0)).toMatchObject({ kind: "ignore", because });
  expect(judge([], undefined, answer, 0)).toMatchObject({ kind: "ignore", because });
});

test("holds an empty answer until two more say so and five seconds have passed", () => {
  const steps = [
    { atMs: 0, kind: "hold", againMs: 0, why: "first: ask at once" },
    { atMs: 10, kind: "hold", againMs: 4_990, why: "confirmed once: ask when the hold is over" },
    { atMs: 5_000, kind: "believe", againMs: undefined, why: "confirmed twice, and 5 s" },
  ];
  let held: Held | undefined;
  for (const { atMs, kind, againMs, why } of steps) {
    const verdict = judge(four, held, empty, atMs);
    expect({ kind: verdict.kind, againMs: verdict.kind === "hold" ? verdict.againMs : undefined }, why).toEqual({
      kind,
      againMs,
    });
    if (verdict.kind === "hold") {
      expect(verdict.endpoints).toEqual(four);
      held = verdict.held;
    }
  }
});

test("confirmations alone are not enough: five seconds must have passed as well", () => {
  const verdict = judge(four, { sinceMs: 0, confirmations: 5 }, empty, 4_999);
  expect(verdict).toMatchObject({ kind: "hold", againMs: 1 });
});

test("confirms once that more than half went, and shows those who came meanwhile", () => {
  const fresh = endpoint({ id: "e", host: "10.0.0.5", port: 80 });
  const answer = { ...plain, endpoints: [four[0]!, fresh] };
  const verdict = judge(four, undefined, answer, 7);
  expect(verdict).toMatchObject({ kind: "hold", againMs: 0, why: "3 of 4 endpoints gone in one answer" });
  if (verdict.kind !== "hold") throw new Error("not held");
  expect(verdict.endpoints.map(({ id }) => id)).toEqual(["a", "e", "b", "c", "d"]);
  expect(judge(verdict.endpoints, verdict.held, answer, 8)).toEqual({ kind: "believe" });
});

test("believes at once that half went", () => {
  expect(judge(four, undefined, { ...plain, endpoints: four.slice(2) }, 0)).toEqual({ kind: "believe" });
});

test("believes endpoints even without a leader: only emptiness is suspicious", () => {
  expect(judge(four, undefined, { endpoints: four, knownLeader: false, filtered: true }, 0).kind).toBe("believe");
});

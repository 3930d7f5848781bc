import { failure, IGNORED, MeshError, SUCCESS } from "@weft/core";
import { describe, expect, test } from "vitest";
import { outcomeOfAnswer, resultOfAnswer } from "./answer.ts";
import { asError, isLate, LATE_UNSENT } from "./given-up.ts";

const EPOCH_MS = Date.parse("2026-11-26T12:00:00Z");

describe("an answer", () => {
  test.each([
    [200, undefined, SUCCESS],
    [404, "7", SUCCESS],
    [428, undefined, SUCCESS],
    [500, undefined, failure("server-error")],
    [429, "7", failure("overloaded", 7_000)],
    [503, "Thu, 26 Nov 2026 12:00:09 GMT", failure("server-error", 9_000)],
  ] as const)("%s with Retry-After %s", (status, retryAfter, outcome) => {
    expect(outcomeOfAnswer(status, retryAfter, () => EPOCH_MS)).toEqual(outcome);
  });

  test("asks retry to wait as long as its endpoint does", () => {
    const outcome = outcomeOfAnswer(503, "7", () => EPOCH_MS);
    expect(resultOfAnswer(503, outcome, false)).toMatchObject({ status: 503, sent: "yes", retryAfterMs: 7_000 });
    expect(resultOfAnswer(500, IGNORED, true)).toMatchObject({ retryAfterMs: 0, forbidden: true });
  });
});

describe("what was given up", () => {
  test("was so because time ran out, or by somebody's wish", () => {
    expect(isLate(new MeshError("DEADLINE_EXCEEDED", "late"))).toBe(true);
    expect(isLate(new MeshError("ATTEMPT_TIMEOUT", "late"))).toBe(true);
    expect(isLate(new MeshError("CLOSED", "closed"))).toBe(false);
    expect(isLate("because")).toBe(false);
    expect(LATE_UNSENT.sent).toBe("no");
  });

  test("can be told as an error, whatever the reason is", () => {
    const reason = new Error("because");
    expect(asError(reason)).toBe(reason);
    expect(asError("because").message).toBe("because");
  });
});

import { expect, test } from "vitest";
import type { Decision, RefusalDecision, RetryDecision } from "../decision/decision.ts";
import { callFlags } from "./call-flags.ts";

const about = { number: 1, atMs: 0, call: 1, attempt: 1 };

function refusal(by: RefusalDecision["by"]): Decision {
  return { ...about, kind: "refusal", by, value: 1 };
}

function retry(verdict: RetryDecision["verdict"]): Decision {
  // Of a retry only its verdict is looked at.
  return { ...about, kind: "retry", verdict } as RetryDecision;
}

function attempt(outcome: Extract<Decision, { kind: "attempt" }>["outcome"]): Decision {
  // Of an attempt only its outcome is looked at.
  return { ...about, kind: "attempt", outcome } as Decision;
}

test.each([
  { what: "was answered", error: undefined, decisions: [attempt("success")], flags: [] },
  { what: "was answered with 503", error: undefined, decisions: [attempt("server-error")], flags: [] },
  { what: "was answered with 503 twice", error: undefined, decisions: [retry("attempts")], flags: ["URX"] },
  { what: "could not connect", error: "CONNECT_FAILED", decisions: [], flags: ["UF"] },
  { what: "could not connect again", error: "CONNECT_FAILED", decisions: [retry("budget")], flags: ["UF", "URX"] },
  { what: "must not be repeated", error: "CONNECTION_LOST", decisions: [retry("not-idempotent")], flags: ["UC"] },
  { what: "found the circuit open", error: "CIRCUIT_OPEN", decisions: [refusal("circuit-breaker")], flags: ["UO"] },
  { what: "found a limit reached", error: "OVERLOADED", decisions: [refusal("limits.calls")], flags: ["UO"] },
  { what: "came too often", error: "OVERLOADED", decisions: [refusal("rate-limit")], flags: ["RL"] },
  { what: "broke with the system's own error", error: "ECONNRESET", decisions: [attempt("reset")], flags: ["UC"] },
  { what: "is no failure of an endpoint", error: "TypeError", decisions: [attempt("ignored")], flags: [] },
  { what: "failed with a word that objects have", error: "constructor", decisions: [], flags: [] },
])("a call that $what has $flags", ({ error, decisions, flags }) => {
  expect(callFlags({ givenUp: false, error }, decisions)).toEqual(flags);
});

test("a call that was given up has no other letters", () => {
  expect(callFlags({ givenUp: true, error: "ABORTED" }, [retry("attempts")])).toEqual(["DC"]);
});

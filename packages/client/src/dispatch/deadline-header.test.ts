import { describe, expect, test } from "vitest";
import { deadlineFields, withDeadline } from "./deadline-header.ts";
import { headerOf } from "./request-headers.ts";

const OURS = "x-request-deadline-ms";
const ENVOYS = "x-envoy-expected-rq-timeout-ms";

describe("what an attempt says of the time that is left", () => {
  test.each([
    { leftMs: 1_000, spentMs: 0, ours: "1000", why: "what the call has" },
    { leftMs: 999.9, spentMs: 0, ours: "999", why: "rounded down" },
    { leftMs: 0.2, spentMs: 0, ours: "1", why: "0 would say that nobody waits" },
    { own: "200", leftMs: 1_000, spentMs: 0, ours: "200", why: "the caller's own is shorter" },
    { own: "200", leftMs: 900, spentMs: 150, ours: "50", why: "it has waited since" },
    { own: "200", leftMs: 700, spentMs: 300, ours: "1", why: "it has waited longer, and never gets more" },
    { own: "2000", leftMs: 1_000, spentMs: 0, ours: "1000", why: "the caller's own is longer" },
    { own: "0", leftMs: 1_000, spentMs: 0, ours: "0", why: "nobody waits" },
    { own: "0", envoys: "50", leftMs: 1_000, spentMs: 0, ours: "0", why: "nobody waits, whatever Envoy's says" },
    { own: "-1", leftMs: 1_000, spentMs: 0, ours: "1000", why: "what breaks the rule says nothing" },
    { own: "200, 300", leftMs: 1_000, spentMs: 0, ours: "1000", why: "nor do two" },
    { envoys: "400", leftMs: 1_000, spentMs: 0, ours: "400", theirs: "400", why: "Envoy's is shorter" },
    { envoys: "4000", leftMs: 1_000, spentMs: 0, ours: "1000", theirs: "1000", why: "Envoy's is longer" },
    { envoys: "0", leftMs: 1_000, spentMs: 0, ours: "1000", theirs: "1000", why: "0 of Envoy is no deadline" },
  ])(
    "own $own, Envoy's $envoys, $leftMs ms left: $ours, for $why",
    ({ own, envoys, leftMs, spentMs, ours, theirs }) => {
      const rest = theirs === undefined ? [] : [ENVOYS, theirs];
      expect(deadlineFields(own, envoys, leftMs, spentMs)).toEqual([OURS, ours, ...rest]);
    },
  );

  test.each([
    ["no headers", undefined, undefined],
    ["an object", { Accept: "*/*", "X-Request-Deadline-Ms": "200" }, "200"],
    ["a flat array", ["X-Envoy-Expected-Rq-Timeout-Ms", "300"], "300"],
    ["pairs", new Headers({ accept: "*/*" }), undefined],
  ])("stands once in %s, and leaves the caller's headers alone", (_, given, shorter) => {
    const before = JSON.stringify(given);
    const headers = withDeadline(given, 1_000, 0);
    expect(headerOf(headers, OURS)).toBe(shorter ?? "1000"); // were it there twice, the two would be joined
    expect(JSON.stringify(given)).toBe(before);
  });

  test.each([["text"], [7], [true]])("leaves %j, which are no headers, to undici", (given) => {
    expect(withDeadline(given as never, 1_000, 0)).toBe(given); // as a caller without types may give them
  });

  test("bears names and values that are no text", () => {
    const given = [undefined, 7, "x-a", undefined] as never; // undici says what is wrong
    expect(withDeadline(given, 1_000, 0)).toEqual([undefined, 7, "x-a", undefined, OURS, "1000"]);
  });
});

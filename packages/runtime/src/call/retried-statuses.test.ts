import { RETRY_DEFAULTS } from "@weft/core";
import { expect, test } from "vitest";
import { retriedStatuses } from "./retried-statuses.ts";

test.each([
  ["the default is the gateway's errors", RETRY_DEFAULTS, [502, 503, 504]],
  ["a number is that status", { ...RETRY_DEFAULTS, on: new Set([429, 500]) }, [429, 500]],
  ["a condition is its statuses", { ...RETRY_DEFAULTS, on: new Set(["retriable-4xx"] as const) }, [409]],
  ["conditions of the wire are none", { ...RETRY_DEFAULTS, on: new Set(["timeout", "stale-connection"] as const) }, []],
  ["no retries, none", { ...RETRY_DEFAULTS, maxRetries: 0 }, []],
  ["no retry policy, none", undefined, []],
] as const)("answers held until retry has decided: %s", (_, options, statuses) => {
  expect([...retriedStatuses(options)]).toEqual(statuses);
});

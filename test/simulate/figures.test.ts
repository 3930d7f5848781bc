import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

interface Result {
  readonly name: string;
  readonly calls: number;
  readonly successShare: number;
  readonly latencyMs: { readonly p99: number };
  readonly endpoints: readonly { readonly attempts: number }[];
}

/** What a scenario comes to, by policy: `scenarios.test.ts` holds the files against the simulator. */
function results(scenario: string): ReadonlyMap<string, Result> {
  const text = readFileSync(join(import.meta.dirname, "golden", `${scenario}.jsonl`), "utf8");
  const policies = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Result); // as `weft simulate` writes it
  return new Map(policies.map((policy) => [policy.name, policy]));
}

describe("the headline replay", () => {
  test.each([
    { policy: "policy", least: 0.9996, most: 1 },
    { policy: "Finagle's rule", least: 0.9991, most: 0.9993 },
    { policy: "least request", least: 0.9945, most: 0.9951 },
    { policy: "round robin", least: 0.954, most: 0.956 },
  ])("$policy answers $least of the calls in time", ({ policy, least, most }) => {
    const { successShare } = results("headline").get(policy)!;
    expect(successShare).toBeGreaterThanOrEqual(least);
    expect(successShare).toBeLessThanOrEqual(most);
  });

  test("of three endpoints, and with ten clients, it is still ahead of the others", () => {
    for (const scenario of ["headline-three-endpoints", "headline-ten-clients"]) {
      const [own, ...others] = [...results(scenario).values()];
      for (const { successShare } of others) expect(own!.successShare).toBeGreaterThan(successShare);
    }
  });
});

describe("five endpoints, one failing fast, 1 % noise everywhere, for a minute", () => {
  const policies = results("fail-fast");
  const failed = (name: string): number => 1 - policies.get(name)!.successShare;

  test("without ejection at most 1.1 % of the calls fail, where least request loses more than 20 %", () => {
    expect(failed("no ejection either")).toBeLessThanOrEqual(0.011);
    expect(failed("least request alone")).toBeGreaterThan(0.2);
  });

  test("with ejection at most 0.05 points more fail than by the noise alone", () => {
    // Beyond the noise are the attempts at the endpoint that always fails.
    const { endpoints, calls } = policies.get("no retries")!;
    expect(endpoints[0]!.attempts / calls).toBeLessThanOrEqual(0.0005);
  });

  test("with retries at most 0.1 % fail in all", () => {
    expect(failed("policy")).toBeLessThanOrEqual(0.001);
  });
});

test("with one of three endpoints five times slower p99 stays under 120 ms, where least request has twice that", () => {
  const policies = results("slow-endpoint");
  expect(policies.get("policy")!.latencyMs.p99).toBeLessThanOrEqual(120);
  expect(policies.get("least request")!.latencyMs.p99).toBeGreaterThan(240);
});

// Neither ejection nor retries, for a minute: what the score of the default balancer does alone. Noise is 1 % of it, or 5.
test.each([
  { scenario: "one-of-five-fails-fast", most: 0.001 },
  { scenario: "two-ms-fails-fast", most: 0.0005 },
  { scenario: "four-hundred-ms-fails-fast", most: 0.015 },
  { scenario: "fails-fast-noise-1", most: 0.011 },
  { scenario: "fails-fast-noise-5", most: 0.055 },
  { scenario: "fails-20-percent", most: 0.03 },
  { scenario: "one-of-ten-fails-fast", most: 0.011 },
  { scenario: "two-of-three-fail-fast", most: 0.01 },
])("$scenario: at most $most of the calls fail", ({ scenario, most }) => {
  expect(1 - results(scenario).get("policy")!.successShare).toBeLessThanOrEqual(most);
});

test.each(["one-of-five-slow", "slow-and-noise", "slow-and-noise-5"])(
  "%s: p99 stays near that of a healthy fleet, 93 ms",
  (scenario) => {
    expect(results(scenario).get("policy")!.latencyMs.p99).toBeLessThan(120);
  },
);

test("a healthy fleet pays nothing for the default", () => {
  const policies = results("healthy");
  expect(policies.get("policy")!.latencyMs.p99).toBeLessThan(policies.get("round robin")!.latencyMs.p99 * 1.02);
});

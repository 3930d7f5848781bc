import { beforeAll, describe, expect, test } from "vitest";
import { type ScenarioResult, simulate } from "../run/simulate.ts";
import { parseScenario } from "../scenario/load-scenario.ts";
import { htmlReport } from "./html-report.ts";
import { jsonReport } from "./json-report.ts";
import { textReport } from "./text-report.ts";

let result: ScenarioResult;
beforeAll(async () => {
  const { scenario } = await parseScenario(
    `duration: 10s
arrivals: { ratePerSecond: 100, process: uniform }
endpoints: [{ count: 3, latency: { constant: 20ms } }]
events: [{ at: 5s, endpoint: 1, fail: { after: 1ms } }]
policy: { retry: off }
compare: [{ name: "<b>& \\"round\\" robin's", policy: { balancer: { kind: round-robin }, retry: off, outliers: off } }]
`,
    "three.yaml",
  );
  result = await simulate(scenario);
});

describe("the JSON", () => {
  test("has one object for each policy, with what it is made of", () => {
    const { policies } = JSON.parse(jsonReport([result, result]));
    expect(policies).toHaveLength(4);
    expect(Object.keys(policies[0])).toEqual([
      "scenario",
      "seed",
      "name",
      "calls",
      "successShare",
      "latencyMs",
      "failures",
      "attemptsPerCall",
      "endpoints",
      "reactions",
      "events",
    ]);
    expect(policies[1]).toMatchObject({
      scenario: "three",
      name: '<b>& "round" robin\'s',
      latencyMs: { p50: 20, p90: 20, p99: 20, p999: 20 },
      attemptsPerCall: 1,
      failures: { "status 503": 167 },
      reactions: [{ atMs: 5_000, endpoints: [1], detectMs: null, recoverMs: null }],
    });
    expect(policies[1].endpoints[1]).toEqual({
      index: 1,
      id: "10.0.0.1:8080",
      attempts: 333,
      share: 0.33333,
      failed: 167,
      ejections: 0,
    });
  });
});

describe("the tables", () => {
  test("say what each policy came to, whom it asked, and when it noticed", () => {
    const text = textReport(result);
    expect(text).toMatch(/^three: 999 calls in 10 s, 1 client, 3 endpoints, seed 1\n/);
    expect(text).toMatch(/robin's +83\.283 % +20\.0 +20\.0 +20\.0 +20\.0 +1\.000 +167 status 503\n/);
    expect(text).toMatch(/robin's +33\.3 % +33\.3 % +33\.3 %\n/);
    expect(text).toMatch(/robin's +- \/ -\n$/);
    for (const line of text.split("\n")) expect(line).toBe(line.trimEnd());
  });

  test("of many endpoints tell the first twelve apart", async () => {
    const { scenario } = await parseScenario(
      "duration: 1s\narrivals: { ratePerSecond: 100 }\nendpoints: [{ count: 30, latency: { constant: 20ms } }]\n",
      "many.yaml",
    );
    const text = textReport(await simulate(scenario));
    expect(text).toContain("#11  18 others");
  });
});

describe("the page", () => {
  test("needs nothing else and runs nothing", () => {
    const page = htmlReport([result]);
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:|\son\w+=/);
    expect(page.match(/<svg /g)).toHaveLength(4); // p99 and failures, and shares by policy
    expect(page).toContain("Nothing was ejected.");
  });

  test("shows names as they are, whatever is in them", () => {
    const page = htmlReport([result]);
    expect(page).not.toContain("<b>&");
    expect(page).toContain("&#60;b&#62;&#38; &#34;round&#34; robin&#39;s");
  });

  test("draws only numbers", () => {
    expect(htmlReport([result])).not.toMatch(/NaN|Infinity|undefined/);
  });
});

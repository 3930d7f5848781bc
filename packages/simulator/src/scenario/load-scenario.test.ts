import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { problemLine, problemsOf } from "@weft/config";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadScenario, parseScenario } from "./load-scenario.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-scenario-"));
  await writeFile(join(folder, "three.txt"), "1\n2.5\n\n30\n");
  await writeFile(join(folder, "words.txt"), "1\nten\n");
  await writeFile(join(folder, "none.txt"), "\n");
});
afterAll(() => rm(folder, { recursive: true }));

const LEAST = "duration: 10s\narrivals: { ratePerSecond: 100 }\nendpoints: [{ latency: { constant: 10ms } }]\n";

async function mistakes(text: string, file = "x.yaml"): Promise<readonly string[]> {
  try {
    await parseScenario(text, join(folder, file));
    return [];
  } catch (error) {
    return problemsOf(error).map((problem) => problemLine(problem).replace(`${folder}/`, ""));
  }
}

describe("a scenario", () => {
  test("needs no more than a duration, arrivals and endpoints", async () => {
    const { scenario, warnings } = await parseScenario(LEAST, "some/least.yaml");
    expect(warnings).toEqual([]);
    expect(scenario).toMatchObject({
      name: "least",
      seed: 1,
      durationMs: 10_000,
      successWithinMs: Infinity,
      clients: 1,
      phases: [{ atMs: 0, ratePerSecond: 100, process: "poisson" }],
      endpoints: [
        { workers: Infinity, latency: { kind: "constant", ms: 10 }, weight: 1, zone: undefined, priority: 0 },
      ],
      events: [],
      policies: [{ name: "policy", rule: undefined, policy: { balancer: expect.anything() } }],
    });
  });

  test("may say all there is to say", async () => {
    const { scenario } = await parseScenario(
      `seed: 7
duration: 1m
successWithin: 1s
clients: 3
arrivals: [{ at: 5s, ratePerSecond: 0.5, process: uniform }, { at: 10s, ratePerSecond: 0 }]
endpoints:
  - { count: 2, workers: 4, latency: { exponential: { mean: 20ms } }, weight: 2, zone: a }
  - { workers: unlimited, latency: { lognormal: { p50: 10ms, p99: 80ms } } }
  - { latency: { file: three.txt } }
events:
  - { at: 0s, fail: { ratio: 0.01 } }
  - { at: 1s, until: 2s, endpoint: 0, factor: 2, latency: { constant: 0s } }
  - { at: 1s, endpoint: [1, 2], fail: { reset: true, after: 1ms }, hang: false }
  - { at: 1s, registryStale: true }
policy: { retry: off }
compare:
  - { name: other, rule: finagle-peak-ewma }
  - { name: beside, retry: { maxRetries: 2 }, balancer: { kind: random } }
`,
      join(folder, "all.json.yaml"),
    );
    expect(scenario.phases).toEqual([
      { atMs: 0, ratePerSecond: 0, process: "uniform" },
      { atMs: 5_000, ratePerSecond: 0.5, process: "uniform" },
      { atMs: 10_000, ratePerSecond: 0, process: "poisson" },
    ]);
    expect(scenario.endpoints.map(({ workers, latency }) => [workers, latency.kind])).toEqual([
      [4, "exponential"],
      [4, "exponential"],
      [Infinity, "lognormal"],
      [Infinity, "samples"],
    ]);
    expect(scenario.endpoints[3]!.latency).toEqual({ kind: "samples", ms: Float64Array.of(1, 2.5, 30) });
    expect(scenario.events).toMatchObject([
      { atMs: 0, untilMs: Infinity, endpoints: [0, 1, 2, 3], fail: { ratio: 0.01, status: 503, afterMs: undefined } },
      { atMs: 1_000, untilMs: 2_000, endpoints: [0], factor: 2, latency: { kind: "constant", ms: 0 } },
      { endpoints: [1, 2], fail: { ratio: 1, status: 0, afterMs: 1 }, hang: false },
      { registryStale: true },
    ]);
    expect(scenario.policies).toMatchObject([
      { name: "policy", policy: { retry: undefined }, rule: undefined },
      { name: "other", policy: { retry: expect.anything() }, rule: "finagle-peak-ewma" },
      { name: "beside", policy: { balancer: "random", retry: { options: { maxRetries: 2 } } }, rule: undefined },
    ]);
  });

  test("is read as JSON by its name", async () => {
    expect(await mistakes("duration: 1s", "x.json")).toEqual([expect.stringMatching(/^x\.json is not JSON/)]);
  });

  test.each([
    { text: "", says: "x.yaml is empty; the least there can be is `duration`, `arrivals` and `endpoints`" },
    { text: "# nothing\n", says: "x.yaml is empty; the least there can be is `duration`, `arrivals` and `endpoints`" },
    { text: "[]", says: "x.yaml:1:1 a list of 0 is not an object with any of seed, duration" },
    { text: `${LEAST}sead: 1`, says: "x.yaml:4:1 sead: unknown key; did you mean seed?" },
    { text: LEAST.replace("duration: 10s\n", ""), says: "x.yaml:1:1 duration: is missing" },
    { text: LEAST.replace("10s", "10"), says: 'x.yaml:1:11 duration: 10 is not a duration such as "250ms"' },
    { text: LEAST.replace("100", "-1"), says: "x.yaml:2:28 arrivals.ratePerSecond: -1 is not a number in 0..10000000" },
    { text: LEAST.replace("10ms", "-10ms"), says: '"-10ms" is not a duration such as' },
    { text: LEAST.replace("10ms", "'10'"), says: 'x.yaml:3:36 endpoints[0].latency.constant: "10" is not a duration' },
    { text: `${LEAST}clients: 0`, says: "x.yaml:4:10 clients: 0 is not in 1..10000" },
    { text: `${LEAST}seed: 1.5`, says: "x.yaml:4:7 seed: 1.5 is not a whole number in 0..4294967295" },
    {
      text: LEAST.replace("constant: 10ms", "constant: 10ms, exponential: { mean: 1ms }"),
      says: "is not an object with exactly one of constant, exponential, lognormal, file",
    },
    {
      text: LEAST.replace("constant: 10ms", "lognormal: { p50: 20ms, p99: 10ms }"),
      says: "endpoints[0].latency.lognormal.p99: 10 ms is less than the p50, 20 ms",
    },
    {
      text: LEAST.replace("constant: 10ms", "file: missing.txt"),
      says: 'endpoints[0].latency.file: "missing.txt" cannot be read: there is no such file',
    },
    {
      text: LEAST.replace("constant: 10ms", "file: words.txt"),
      says: 'endpoints[0].latency.file: "words.txt" line 2 is "ten", which is not a number of ms',
    },
    { text: LEAST.replace("constant: 10ms", "file: none.txt"), says: '"none.txt" it holds no latency' },
    {
      text: LEAST.replace("[{", "[{ workers: 2, unlimited: true,"),
      says: "endpoints[0].unlimited: contradicts `workers`",
    },
    { text: LEAST.replace("[{", "[{ unlimited: false,"), says: "false without `workers` says nothing" },
    { text: LEAST.replace("[{", "[{ weight: 0,"), says: "endpoints[0].weight: 0 is not a number in 0.001..1000000000" },
    { text: LEAST.replace("[{", "[{ count: 9999 }, { count: 2,"), says: "endpoints[0].latency: is missing" },
    {
      text: LEAST.replace(
        /endpoints.*/,
        "endpoints: [{ count: 9999, latency: { constant: 1ms } }, { count: 2, latency: { constant: 1ms } }]",
      ),
      says: "endpoints: are more than 10000 in all",
    },
    {
      text: `${LEAST.replace("[{", "[{ count: 1000,")}clients: 1000`,
      says: "clients: 1000 clients and 1000 endpoints are more than 500000 pairs",
    },
    { text: `${LEAST}events: [{ at: 20s, hang: true }]`, says: "events[0].at: 20s is not before the end, 10000 ms" },
    { text: `${LEAST}events: [{ at: 2s, until: 1s, hang: true }]`, says: "events[0].until: 1s is not after at, 2s" },
    { text: `${LEAST}events: [{ at: 1s }]`, says: "events[0]: says when, but not what; allowed are latency, factor" },
    { text: `${LEAST}events: [{ at: 1s, hang: false }]`, says: "events[0]: says when, but not what" },
    {
      text: `${LEAST}events: [{ at: 1s, endpoint: 1, hang: true }]`,
      says: "x.yaml:4:30 events[0].endpoint: 1 is not in 0..0, the indices of the endpoints",
    },
    {
      text: `${LEAST}events: [{ at: 1s, endpoint: [0, 7], hang: true }]`,
      says: "events[0].endpoint[1]: 7 is not in 0..0",
    },
    { text: `${LEAST}events: [{ at: 1s, endpoint: -1, hang: true }]`, says: "events[0].endpoint" },
    { text: `${LEAST}events: [{ at: 1s, add: true, remove: true }]`, says: "events[0].remove: contradicts `add`" },
    {
      text: `${LEAST}events: [{ at: 1s, fail: { reset: true, status: 500 } }]`,
      says: "fail.reset: contradicts `status`",
    },
    {
      text: `${LEAST}events: [{ at: 1s, fail: { ratio: 2 } }]`,
      says: "events[0].fail.ratio: 2 is not a ratio in 0..1",
    },
    { text: `${LEAST}events: [{ at: 1s, factor: -2 }]`, says: "events[0].factor: -2 is not a number in 0.001..10000" },
    {
      text: LEAST.replace("{ ratePerSecond: 100 }", "[{ at: 2s, ratePerSecond: 1 }, { at: 1s, ratePerSecond: 1 }]"),
      says: "arrivals[1].at: 1000 ms is not after the phase before, 2000 ms",
    },
    {
      text: LEAST.replace("{ ratePerSecond: 100 }", "[{ at: 20s, ratePerSecond: 1 }]"),
      says: "arrivals[0].at: 20000 ms is not before the end, 10000 ms",
    },
    {
      text: `${LEAST}policy: { retry: { maxRetries: -1 } }`,
      says: "x.yaml:4:32 policy.retry.maxRetries: -1 is not in 0..10",
    },
    {
      text: `${LEAST}policy: { timeout: { total: 1s, attempt: 2s } }`,
      says: "x.yaml:4:42 policy.timeout.attempt:",
    },
    {
      text: `${LEAST}compare: [{ name: a, policy: { timeout: { total: 1s, attempt: 2s } } }]`,
      says: "compare[0].policy.timeout.attempt:",
    },
    {
      text: `${LEAST}compare: [{ name: a, timeout: { total: 1s, attempt: 2s } }]`,
      says: "x.yaml:4:53 compare[0].timeout.attempt:",
    },
    {
      text: `${LEAST}compare: [{ name: a, retry: off, policy: {} }]`,
      says: "x.yaml:4:22 compare[0].retry: stands beside `policy`; move it in there, or what is in there out",
    },
    {
      text: `${LEAST}compare: [{ name: a, retri: off }]`,
      says: "x.yaml:4:22 compare[0].retri: unknown key; did you mean retry?",
    },
    {
      text: `${LEAST}compare: [{ name: policy }]`,
      says: 'compare[0].name: "policy" is the name of another policy here',
    },
    { text: `${LEAST}compare: [{ name: "" }]`, says: 'compare[0].name: "" is not a name of 1 to 40 characters' },
    {
      text: `${LEAST}compare: [{ name: a, rule: nginx }]`,
      says: "is not one of finagle-peak-ewma, envoy-least-request",
    },
  ])("$text is refused: $says", async ({ text, says }) => {
    expect((await mistakes(text)).join("\n")).toContain(says);
  });

  test("is refused with every mistake at once", async () => {
    expect(await mistakes("duration: -1s\narrivals: { ratePerSecond: -1 }\nendpoints: []\nsed: 1\n")).toHaveLength(4);
  });

  test("that is not there, or a folder, is refused", async () => {
    await expect(loadScenario(join(folder, "gone.yaml"))).rejects.toThrow("cannot be read: there is no such file");
    await expect(loadScenario(folder)).rejects.toThrow("it is not a file");
  });

  test("is warned of what its policy leaves unused", async () => {
    const { warnings } = await parseScenario(`${LEAST}policy: { limits: { calls: 10 } }`, "x.yaml");
    expect(warnings.map(({ path }) => path)).toEqual(["policy.limits.calls"]);
  });
});

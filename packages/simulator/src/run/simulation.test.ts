import { describe, expect, test } from "vitest";
import { jsonReport } from "../report/json-report.ts";
import { parseScenario } from "../scenario/load-scenario.ts";
import { type ScenarioResult, simulate } from "./simulate.ts";

/** Four endpoints of 10 ms each, 200 calls a second for ten seconds: 2,000 calls. */
const CALM = `duration: 10s
clients: 2
arrivals: { ratePerSecond: 200, process: uniform }
endpoints: [{ count: 4, workers: 8, latency: { constant: 10ms } }]
`;

async function run(more: string, calm = CALM): Promise<ScenarioResult> {
  const { scenario } = await parseScenario(calm + more, "story.yaml");
  return simulate(scenario);
}

async function result(more: string, calm?: string): Promise<ScenarioResult["policies"][number]> {
  return (await run(more, calm)).policies[0]!;
}

describe("a simulation", { timeout: 30_000 }, () => {
  test("of a calm day has nothing to tell", async () => {
    const calm = await result("");
    expect(calm).toMatchObject({ calls: 1_999, successShare: 1, failures: {}, attemptsPerCall: 1, reactions: [] });
    expect(calm.latencyMs).toEqual({ p50: 10, p90: 10, p99: 10, p999: 10 });
    for (const { share, ejections } of calm.endpoints) {
      expect(share).toBeCloseTo(0.25, 1);
      expect(ejections).toBe(0);
    }
  });

  test("of one scenario gives the same bytes every time, and others for another seed", async () => {
    const { scenario } = await parseScenario(
      `${CALM.replace("uniform", "poisson")}events: [{ at: 2s, until: 6s, endpoint: 0, fail: { ratio: 0.5 } }]
policy: { hedge: { after: p95 }, breaker: {}, health: {} }
compare: [{ name: other, rule: finagle-peak-ewma }]\n`,
      "story.yaml",
    );
    const first = jsonReport([await simulate(scenario)]);
    expect(jsonReport([await simulate(scenario)])).toBe(first);
    expect(jsonReport([await simulate({ ...scenario, seed: 2 })])).not.toBe(first);
  });

  test("lets each policy meet the same arrivals", async () => {
    const { policies } = await run(
      "compare: [{ name: other, policy: { retry: off } }]",
      CALM.replace("uniform", "poisson"),
    );
    expect(policies[1]!.calls).toBe(policies[0]!.calls);
  });

  test("tells what a call fails with, as its caller sees it", async () => {
    const alone = "policy: { retry: off, outliers: off, timeout: { total: 1s } }\n";
    const failures = async (event: string, policy = alone): Promise<object> =>
      (await result(`${policy}events: [{ at: 0s, ${event} }]`)).failures;
    expect(await failures("fail: { status: 500 }")).toEqual({ "status 500": 1_999 });
    expect(await failures("fail: { reset: true }")).toEqual({ CONNECTION_LOST: 1_999 });
    expect(await failures("refuse: true")).toEqual({ CONNECT_FAILED: 1_999 });
    expect(await failures("hang: true")).toEqual({ DEADLINE_EXCEEDED: 1_999 });
    expect(await failures("remove: true")).toEqual({ NO_ENDPOINTS: 1_999 });
    expect(await failures("hang: true", alone.replace("total: 1s", "total: 1s, attempt: 100ms"))).toEqual({
      ATTEMPT_TIMEOUT: 1_999,
    });
    const limited = alone.replace("retry: off", "retry: off, limits: { calls: 1, callsPerEndpoint: 1 }");
    expect(await failures("factor: 1000", limited)).toMatchObject({ OVERLOADED: expect.any(Number) });
    expect(await failures("fail: {}", alone.replace("retry: off", "retry: off, breaker: {}"))).toMatchObject({
      CIRCUIT_OPEN: expect.any(Number),
    });
  });

  test("counts an answer that took too long as no success", async () => {
    const slow = await result("successWithin: 15ms\nevents: [{ at: 5s, factor: 2 }]");
    expect(slow.failures).toEqual({ late: 999 });
  });

  test("waits for what is under way at the end for a minute, and then cuts it", async () => {
    const hung = await result("policy: { timeout: { total: 0s } }\nevents: [{ at: 9s, hang: true }]");
    expect(hung.calls).toBe(1_999);
    expect(hung.failures).toEqual({ CLOSED: 199 });
  });

  test("sends what was refused elsewhere, and ejects the one that refuses", async () => {
    const dead = await result(
      "policy: { balancer: { kind: round-robin } }\nevents: [{ at: 2s, endpoint: 3, refuse: true }]",
    );
    expect(dead.successShare).toBe(1);
    expect(dead.events["retry.started"]).toBeGreaterThan(9);
    expect(dead.endpoints[3]!.ejections).toBeGreaterThan(1);
    expect(dead.endpoints[3]!.share).toBeLessThan(0.1);
    expect(dead.reactions).toMatchObject([{ atMs: 2_000, endpoints: [3], recoverMs: undefined }]);
    expect(dead.reactions[0]!.detectMs).toBeLessThan(1_000);
  });

  test("ejects one of the clients' endpoints for as long as the chart says", async () => {
    const { chart } = await result(
      "policy: { balancer: { kind: round-robin } }\nevents: [{ at: 2s, until: 3s, endpoint: 3, fail: {} }]",
    );
    expect(chart.ejected[3]![20]).toBe(0);
    expect(Math.max(...chart.ejected[3]!)).toBe(1);
    expect(chart.ejected[3]!.at(-1)).toBe(0);
    expect(Math.max(...chart.ejected[0]!)).toBe(0);
  });

  test("retries after a pause, within the same deadline", async () => {
    const flaky = await result(
      `policy: { retry: { maxRetries: 3, on: [gateway-error], budget: { ratio: 1 } }, outliers: off }
events: [{ at: 0s, fail: { ratio: 0.3, after: 1ms } }]`,
    );
    // Four attempts in a row: 0.3 ** 4 = 0.8 %, and 0.43 retries a call.
    expect(flaky.successShare).toBeGreaterThan(0.98);
    expect(flaky.attemptsPerCall).toBeCloseTo(1.42, 1);
  });

  test("hedges, and cuts the attempt that was slower", async () => {
    const hedged = await result(
      "policy: { hedge: { after: 20ms, maxExtraRatio: 1 } }\nevents: [{ at: 0s, endpoint: 0, latency: { constant: 900ms } }]",
    );
    expect(hedged.events["hedge.won"]).toBeGreaterThan(1);
    expect(hedged.latencyMs.p999).toBeLessThan(50);
  });

  test("asks endpoints whether they are fit, where the policy has it", async () => {
    const checked = await result(
      `policy: { balancer: { kind: round-robin }, health: { interval: 500ms, timeout: 200ms }, outliers: off, retry: off, timeout: { total: 300ms, connect: 100ms } }
events:
  - { at: 2s, endpoint: 0, hang: true }
  - { at: 2s, endpoint: 1, refuse: true }`,
    );
    expect(checked.events["endpoint.unhealthy"]).toBe(4); // two endpoints, by two clients
    expect(checked.endpoints[0]!.share).toBeLessThan(0.15);
  });

  test("follows the registry: who is added, removed, or not heard of while it is stale", async () => {
    const { chart, endpoints } = await result(
      `events:
  - { at: 2s, endpoint: 3, add: true }
  - { at: 4s, until: 8s, registryStale: true }
  - { at: 5s, endpoint: 0, remove: true }`,
    );
    const shareAt = (index: number, seconds: number): number => {
      const from = seconds * 24;
      return chart.shares[index]!.slice(from, from + 24).reduce((sum, share) => sum + share / 24, 0);
    };
    expect(shareAt(3, 1)).toBe(0);
    expect(shareAt(3, 3)).toBeGreaterThan(0.1);
    expect(shareAt(0, 6)).toBeGreaterThan(0.1);
    expect(shareAt(0, 9)).toBe(0);
    expect(endpoints[0]!.failed).toBe(0);
  });

  test("bears one endpoint, a thousand, none that works, and no calls at all", async () => {
    const only = (count: number, rate = 200): string =>
      CALM.replace("count: 4", `count: ${count}`).replace("ratePerSecond: 200", `ratePerSecond: ${rate}`);
    expect((await result("", only(1))).successShare).toBe(1);
    expect((await result("", only(1_000))).successShare).toBe(1);
    const bad = await result("events: [{ at: 0s, fail: {} }]", only(2));
    expect(bad.successShare).toBe(0);
    const silent = await result("", only(4, 0));
    expect(silent).toMatchObject({
      calls: 0,
      successShare: undefined,
      attemptsPerCall: 0,
      latencyMs: { p50: undefined },
    });
  });

  test("follows weights, from 1 to 1e9", async () => {
    const weights = CALM.replace(
      /endpoints.*/,
      "endpoints: [{ weight: 1, latency: { constant: 1ms } }, { weight: 1e9, latency: { constant: 1ms } }]",
    );
    const { endpoints } = await result("policy: { balancer: { kind: weighted-round-robin } }", weights);
    expect(endpoints[0]!.attempts).toBeLessThan(10);
  });

  test("passes over an endpoint that is full by the limit learned for it, and fails no call", async () => {
    const slow = "events: [{ at: 3s, endpoint: 0, factor: 100 }]\n"; // 8 a second, where 50 come
    const policy = (limits: string): string =>
      `policy: { balancer: { kind: round-robin }, retry: off, outliers: off${limits} }\n`;
    const without = await result(slow + policy(""));
    const learned = await result(slow + policy(", limits: { adaptivePerEndpoint: auto }"));
    expect(without.latencyMs.p99).toBeGreaterThan(10_000);
    expect(learned.latencyMs.p90).toBeLessThan(50);
    expect(learned.latencyMs.p99).toBeLessThan(4_000);
    expect(learned.successShare).toBe(1);
    expect(learned.events["limit.reached"]).toBeUndefined();
    expect(learned.endpoints[0]!.share).toBeLessThan(without.endpoints[0]!.share / 2);
  });

  test("sheds what matters least first, where importances have shares of the limit", async () => {
    // Four endpoints of one worker answer 400 a second; 800 come: those that matter need 0.4 of the limit, now and then more.
    const overload = CALM.replace("ratePerSecond: 200, process: uniform", "ratePerSecond: 800").replace(
      "workers: 8",
      "workers: 1",
    );
    const limited = (shares: string): string =>
      `successWithin: 1s\nimportance: { critical: 0.2, low: 0.5 }\npolicy: { retry: off, limits: { calls: 40${shares} } }`;
    const shed = async (shares: string): Promise<readonly number[]> =>
      (await result(limited(shares), overload)).byImportance.map(({ successShare }) => successShare!);
    const [critical, normal, low] = await shed(", shares: { critical: 0.7, normal: 0.3 }");
    expect(critical).toBeGreaterThan(0.99);
    expect(normal).toBeGreaterThan(low!);
    expect(low).toBeLessThan(0.3);
    // Without shares all lose alike: about a half.
    for (const share of await shed("")) expect(share).toBeCloseTo(0.5, 1);
  });

  test("lets endpoints report, where the policy weighs reports", async () => {
    const unequal = CALM.replace("10s", "40s").replace(
      /endpoints.*/,
      "endpoints: [{ workers: 4, latency: { constant: 10ms } }, { workers: 8, latency: { constant: 10ms } }]",
    );
    const shareOf = async (balancer: string): Promise<number> => {
      const { chart } = await result(`policy: { balancer: { ${balancer} } }`, unequal);
      const late = chart.shares[0]!.slice(-60); // the last ten seconds
      return late.reduce((sum, share) => sum + share, 0) / late.length;
    };
    expect(await shareOf("kind: weighted-round-robin")).toBeCloseTo(1 / 2, 1);
    expect(await shareOf("kind: weighted-round-robin, reportsWeigh: true")).toBeCloseTo(1 / 3, 1);
    expect(await shareOf("kind: random, reportsWeigh: true")).toBeCloseTo(1 / 3, 1);
  });

  test("goes by the first rule of a policy that matches a GET of /", async () => {
    const ruled = await result(
      "policy: { rules: [{ when: { method: POST }, retry: off }, { when: { path: / }, timeout: { total: 5ms, connect: 5ms } }] }",
    );
    expect(ruled.failures).toEqual({ DEADLINE_EXCEEDED: 1_999 });
  });

  test("brings keys to policies that hash, by whatever they hash", async () => {
    const hashing = async (on: string): Promise<readonly number[]> => {
      const policy = `keys: { count: 2 }\npolicy: { balancer: { kind: maglev, hashOn: [${on}] } }`;
      return (await result(policy)).endpoints.filter(({ attempts }) => attempts > 0).map(({ attempts }) => attempts);
    };
    for (const on of ["{ header: x-user }", "{ cookie: id }", "{ query: q }", "path", "source-address"]) {
      const used = await hashing(on);
      expect(used.length).toBeLessThanOrEqual(2);
      expect(used.reduce((sum, attempts) => sum + attempts)).toBe(1_999);
    }
    const hot = await result(
      "keys: { hotRatio: 0.5 }\npolicy: { balancer: { kind: maglev, hashOn: [{ header: x-user }] } }",
    );
    expect(Math.max(...hot.endpoints.map(({ share }) => share))).toBeGreaterThan(0.5);
  });

  test("keeps the sessions of callers, and moves them once when their endpoint is gone", async () => {
    const fast = CALM.replace("10ms", "1ms"); // no caller's second call comes before its first is answered
    const sessions = "keys: { count: 20 }\nevents: [{ at: 4s, until: 7s, endpoint: 3, remove: true }]\n";
    const { chart, events } = await result(`${sessions}policy: { sticky: { cookie: { name: home } } }`, fast);
    const away = chart.away!;
    expect(away.slice(0, Math.floor(away.length * 0.4)).every((share) => share === 0)).toBe(true);
    expect(events["session.moved"]).toBeGreaterThan(0);
    // They stay where they went, though it has returned: of 20 callers those that moved.
    const late = away.slice(Math.ceil(away.length * 0.7));
    expect(late.reduce((sum, share) => sum + share, 0) / late.length).toBeCloseTo(events["session.moved"]! / 20, 1);
    expect((await result(`${sessions}policy: {}`, fast)).chart.away).toBeUndefined();
  });

  test("ends when nobody wants it any more", async () => {
    const { scenario } = await parseScenario(CALM.replace("10s", "24h"), "long.yaml");
    const abort = new AbortController();
    const running = simulate(scenario, {
      signal: abort.signal,
      onProgress: ({ policy, share }) => {
        expect(policy).toBe("policy");
        if (share > 0.0001) abort.abort(new Error("enough"));
      },
    });
    await expect(running).rejects.toThrow("enough");
  });
});

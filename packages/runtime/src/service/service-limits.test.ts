import type { ServicePolicyInput } from "@weft/config";
import { describe, expect, test } from "vitest";
import { type Endpoint, home } from "./home.suite.ts";

/** What became of so many calls made one after the other: the status, or the code of the refusal. */
async function askMany(rig: ReturnType<typeof home>, count: number, path = "/"): Promise<(number | string)[]> {
  const answers: (number | string)[] = [];
  for (let i = 0; i < count; i++) {
    answers.push(
      await rig.ask(path).then(
        ({ status }) => status,
        (error: { code: string }) => error.code,
      ),
    );
  }
  return answers;
}

const PLAIN: ServicePolicyInput = { retry: "off", outliers: "off" };

test("rateLimit refuses what is beyond its burst, and lets more through as time passes", async () => {
  const rig = home({ ...PLAIN, rateLimit: { perSecond: 10, burst: 2 } });
  expect(await askMany(rig, 3)).toEqual([200, 200, "OVERLOADED"]);
  await rig.time.advance(100);
  expect(await askMany(rig, 2)).toEqual([200, "OVERLOADED"]);
  expect(rig.journal.of("limit.reached")).toEqual([
    { service: "orders", limit: "rateLimit", value: 10 },
    { service: "orders", limit: "rateLimit", value: 10 },
  ]);
  await expect(rig.ask("/")).rejects.toThrow("more than 10 calls a second; the next may go in 100 ms");
});

test("rateLimit keeps its tokens when another rule of the policy changes, and is taken away with its own", async () => {
  const rig = home({ ...PLAIN, rateLimit: { perSecond: 1, burst: 1 } });
  await askMany(rig, 1);
  rig.configure({ ...PLAIN, rateLimit: { perSecond: 1, burst: 1 }, timeout: { total: "3s" } });
  expect(await askMany(rig, 1)).toEqual(["OVERLOADED"]);
  rig.configure(PLAIN);
  expect(await askMany(rig, 3)).toEqual([200, 200, 200]);
});

test("admission refuses a share of the calls to a service that fails, but none that is critical", async () => {
  const failing: Endpoint = () => 503;
  const rig = home({ ...PLAIN, admission: { minPerSecond: 1 } }, failing);
  const answers = await askMany(rig, 500);
  const refused = answers.filter((answer) => answer === "OVERLOADED").length;
  // 30 calls are sent before the first can be refused; of the rest 80 % are: 376 +- 3 * sqrt(470 * 0.8 * 0.2) = 26.
  expect(refused).toBeGreaterThan(350);
  expect(refused).toBeLessThan(402);
  const told = rig.journal.of("limit.reached");
  expect(told).toHaveLength(refused);
  expect(told.at(-1)).toEqual({ service: "orders", limit: "admission", value: 80 });
  expect(await askMany(rig, 50, "/critical")).toEqual(Array.from({ length: 50 }, () => 503));
});

test("admission refuses nothing to a service that answers", async () => {
  const rig = home({ ...PLAIN, admission: { minPerSecond: 1 } });
  expect(new Set(await askMany(rig, 500))).toEqual(new Set([200]));
});

test("an adaptive limit begins low, and says what it is when it refuses", async () => {
  const rig = home({ ...PLAIN, limits: { adaptive: "gradient2", calls: 1_000 } }, () => "wait");
  const waiting = Array.from({ length: 20 }, () => rig.ask("/"));
  expect(rig.runtime.calls).toMatchObject({ most: 20, running: 20 });
  await expect(rig.ask("/")).rejects.toThrow("limits.adaptive: 20 calls are running");
  expect(rig.runtime.cluster.explain().at(-1)).toMatchObject({ kind: "refusal", by: "limits.adaptive", value: 20 });
  rig.configure(PLAIN);
  expect(rig.runtime.calls.most).toBe(1_024);
  await rig.runtime.close(0);
  await Promise.allSettled(waiting);
});

test("shares of the limit refuse first what matters least, and say so", async () => {
  const shares = { critical: 0.5, normal: 0.3 };
  const rig = home({ ...PLAIN, limits: { calls: 10, shares } }, () => "wait");
  const waiting = Array.from({ length: 8 }, () => rig.ask("/low"));
  await expect(rig.ask("/low")).rejects.toThrow("limits.shares: 8 calls of importance low are running");
  expect(rig.runtime.cluster.explain().at(-1)).toMatchObject({ kind: "refusal", by: "limits.shares", value: 8 });
  expect(rig.journal.of("limit.reached").at(-1)).toEqual({ service: "orders", limit: "limits.shares", value: 8 });
  waiting.push(rig.ask("/critical"), rig.ask("/normal"));
  await expect(rig.ask("/critical")).rejects.toThrow("limits.calls: 10 calls are running");
  rig.configure({ ...PLAIN, limits: { calls: 11 } });
  waiting.push(rig.ask("/low")); // all are alike again
  rig.answer(200);
  await Promise.all(waiting);
  expect(rig.runtime.calls.running).toBe(0);
});

describe("the limits of a rule", () => {
  const reports = { path: "/reports/**" };

  test("bound its calls, and leave those of others their room", async () => {
    const rules = [{ when: reports, limits: { calls: 2 } }];
    const rig = home({ ...PLAIN, limits: { calls: 5 }, rules }, () => "wait");
    const waiting = [rig.ask("/reports/1"), rig.ask("/reports/2")];
    await expect(rig.ask("/reports/3")).rejects.toThrow("rules[0].limits.calls: 2 calls are running; raise it");
    expect(rig.runtime.cluster.explain().at(-1)).toMatchObject({ kind: "refusal", by: "rule-limits", value: 2 });
    expect(rig.journal.of("limit.reached")).toEqual([{ service: "orders", limit: "rules[0].limits.calls", value: 2 }]);
    // What was refused by its own rule took no room of the service.
    waiting.push(rig.ask("/"), rig.ask("/"), rig.ask("/"));
    expect(rig.runtime.calls.running).toBe(5);
    await expect(rig.ask("/")).rejects.toThrow("limits.calls: 5 calls are running");
    rig.answer(200);
    await Promise.all(waiting);
    expect(rig.runtime.calls.running).toBe(0);
  });

  test("learn from its calls alone, and keep what they learned when another part changes", async () => {
    const rules = [{ when: reports, limits: { adaptive: "gradient2", calls: 1_000 } }] as const;
    const rig = home({ ...PLAIN, rules }, () => "wait");
    const runAll = async (path: string, count: number): Promise<string[]> => {
      const asked = Array.from({ length: count }, () =>
        rig.ask(path).then(
          () => "answered",
          (error: { message: string }) => error.message,
        ),
      );
      await rig.time.advance(10);
      rig.answer(200);
      return Promise.all(asked);
    };
    expect((await runAll("/reports/1", 40)).filter((one) => one === "answered")).toHaveLength(20);
    await runAll("/reports/1", 100);
    const learned = (await runAll("/reports/1", 100)).filter((one) => one === "answered").length;
    expect(learned).toBeGreaterThan(30);
    expect((await runAll("/", 150)).every((one) => one === "answered")).toBe(true);
    rig.configure({ ...PLAIN, timeout: { total: "9s" }, rules });
    const answers = await runAll("/reports/1", 300);
    expect(answers.filter((one) => one === "answered").length).toBeGreaterThanOrEqual(learned);
    expect(answers.at(-1)).toMatch(/^service orders: rules\[0\]\.limits\.adaptive: \d+ calls are running, as many as/);
    rig.configure({ ...PLAIN, rules: [{ when: reports, limits: { calls: 3 } }] });
    expect((await runAll("/reports/1", 10)).filter((one) => one === "answered")).toHaveLength(3);
  });
});

test("an adaptive limit grows with answers that stay as fast, up to limits.calls", async () => {
  const rig = home({ ...PLAIN, limits: { adaptive: "gradient2", calls: 30 } }, () => "wait");
  for (let round = 0; round < 40; round++) {
    const calls = Array.from({ length: rig.runtime.calls.most }, () => rig.ask("/"));
    await rig.time.advance(10);
    rig.answer(200);
    await Promise.all(calls);
  }
  expect(rig.runtime.calls.most).toBe(30);
});

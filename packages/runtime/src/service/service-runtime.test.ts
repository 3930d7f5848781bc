import type { CallPolicy } from "@weft/config";
import { type Breaker, Hedging } from "@weft/core";
import { describe, expect, test } from "vitest";
import { ejectByHand, restoreByHand } from "./by-hand.ts";
import { explain } from "./explain.ts";
import { codeOf, home } from "./home.suite.ts";
import { statsOf } from "./service-stats.ts";

describe("a service", () => {
  test("sends a call to one of its endpoints, and another attempt to the other", async () => {
    const { ask, time, journal } = home({ retry: { maxRetries: 1, on: ["gateway-error"] } }, (_, id) =>
      id === "a" ? 503 : 200,
    );
    const answers = Promise.all([ask("/"), ask("/"), ask("/"), ask("/")]);
    await time.advance(1_000);
    expect((await answers).map(({ endpoint }) => endpoint)).toEqual(["b", "b", "b", "b"]);
    expect(journal.of("retry.started").length).toBeGreaterThan(0);
  });

  test("sends a hedge where an attempt takes long, and cuts the one that lost", async () => {
    let attempts = 0;
    const hedge = { after: "10ms", maxExtraRatio: 1 } as const;
    const { ask, time, journal, runtime } = home({ hedge }, () => (++attempts === 1 ? "wait" : 200));
    const answer = ask("/");
    await time.advance(10);
    expect((await answer).status).toBe(200);
    expect(journal.of("hedge.won")).toHaveLength(1);
    expect(statsOf(runtime).endpoints.map(({ pending }) => pending)).toEqual([0, 0]);
  });

  test("hears of endpoints before those who ask it for them", () => {
    const { runtime, registry } = home({});
    const seen: number[] = [];
    const stop = runtime.onMembership((endpoints) => {
      expect(runtime.cluster.snapshot().endpoints).toHaveLength(endpoints.length);
      seen.push(endpoints.length);
    });
    registry.set("orders", [{ host: "10.0.0.1", port: 80 }]);
    stop();
    registry.set("orders", []);
    expect(seen).toEqual([2, 1]);
  });

  test("tells what there is when an endpoint is ejected by hand that it has not", () => {
    const { runtime } = home({});
    ejectByHand(runtime, "a", 1_000);
    expect(statsOf(runtime).endpoints.map(({ available }) => available)).toEqual([false, true]);
    restoreByHand(runtime, "a");
    expect(statsOf(runtime).endpoints.map(({ available }) => available)).toEqual([true, true]);
    expect(() => ejectByHand(runtime, "c", 1_000)).toThrow("none has the id c; known: a, b");
    expect(() => restoreByHand(runtime, "c")).toThrow("known: a, b");
  });

  test("looks for reports in answers while its policy goes by them", () => {
    const { runtime, configure } = home({});
    expect(runtime.goesByReports).toBe(false);
    configure({ balancer: { reportsWeigh: true } });
    expect(runtime.goesByReports).toBe(true);
    configure({ balancer: { kind: "reported-load" } });
    expect(runtime.goesByReports).toBe(true);
  });

  test("explains its last decisions in words, with their age", async () => {
    const { ask, time, runtime } = home({ retry: "off" });
    await ask("/");
    await time.advance(1_500);
    await ask("/");
    const { text, decisions } = explain(runtime, 1);
    expect(decisions.every(({ call }) => call === 1)).toBe(true);
    expect(text).toMatch(/^1\.500 s ago call 1: attempt 1 goes to /);
    expect(explain(runtime, undefined, 1).decisions).toHaveLength(1);
  });
});

describe("rules", () => {
  const slow = { when: { path: "/reports/**" }, timeout: { attempt: "9s" } } as const;

  test("give a call its own way; without any, one look finds the way of all calls", () => {
    const { runtime, configure } = home({ timeout: { attempt: "1s" } });
    const paths = runtime.paths((policy: CallPolicy) => policy.timeout.attemptMs);
    const at = (path: string): number => paths.of({ method: "GET", path, header: () => undefined });
    expect([paths.unruled, at("/reports/7")]).toEqual([1_000, 1_000]);
    configure({ timeout: { attempt: "2s" }, rules: [slow] });
    expect([paths.unruled, at("/reports/7"), at("/")]).toEqual([undefined, 9_000, 2_000]);
    configure({ timeout: { attempt: "3s" } });
    expect([paths.unruled, at("/reports/7")]).toEqual([3_000, 3_000]);
  });

  test("count for all that was built on the service", () => {
    const { runtime, configure } = home({});
    const built: string[] = [];
    runtime.paths(() => built.push("first"));
    runtime.paths(() => built.push("second"));
    configure({ rules: [slow] });
    expect(built).toEqual(["first", "second", "first", "first", "second", "second"]);
    configure({ rules: [slow] });
    expect(built).toHaveLength(6); // the same policy changes nothing
  });
});

describe("a change of policy", () => {
  test("counts for the next call, and keeps what was measured", async () => {
    const { ask, configure, runtime } = home({ limits: { calls: 1 } }, () => 200);
    await ask("/");
    ejectByHand(runtime, "a", 60_000);
    configure({ limits: { calls: 7, connections: 3 } });
    expect([runtime.calls.most, runtime.connections.most]).toEqual([7, 3]);
    expect(statsOf(runtime).endpoints.map(({ available }) => available)).toEqual([false, true]);
  });

  test("lets endpoints that are new start slowly from then on", () => {
    const { configure, registry, runtime } = home({});
    const shares = (): number[] => statsOf(runtime).endpoints.map(({ slowStartRatio }) => slowStartRatio);
    const three = ["a", "b", "c"].map((id, i) => ({ id, host: `10.0.0.${i + 1}`, port: 80 }));
    registry.set("orders", three);
    expect(shares()).toEqual([1, 1, 1]);
    configure({ slowStart: "30s" });
    registry.set("orders", [...three, { id: "d", host: "10.0.0.4", port: 80 }]);
    expect(shares()).toEqual([1, 1, 1, 0.1]);
  });

  test("keeps the breaker's state when its own rules are the same, and starts anew when they differ", async () => {
    const breaker = { failureRatio: 0.5, minimumCalls: 2, window: "10s", coolDown: "5s" } as const;
    const { ask, configure, runtime } = home({ breaker, retry: "off" }, () => 500);
    for (let i = 0; i < 2; i++) await ask("/");
    expect(await codeOf(ask("/"))).toBe("CIRCUIT_OPEN");
    configure({ breaker, retry: "off", limits: { calls: 9 } });
    expect(await codeOf(ask("/"))).toBe("CIRCUIT_OPEN");
    configure({ breaker: { ...breaker, minimumCalls: 3 }, retry: "off" });
    expect(await codeOf(ask("/"))).toBe("none");
    configure({ breaker: "off" });
    expect(runtime.breaker).toBeUndefined();
  });

  test("keeps what hedging has measured where hedging stays as it is, for the service and for each rule", () => {
    const hedge = { after: "10ms", maxExtraRatio: 1 } as const;
    const rule = { when: { path: "/r" }, hedge } as const;
    const { configure, runtime } = home({ hedge, rules: [rule] });
    const hedgings: (Hedging | undefined)[] = [];
    runtime.paths((_, { hedging }) => hedgings.push(hedging));
    const [own, ruled] = hedgings.splice(0);
    expect([own, ruled]).toEqual([expect.any(Hedging), expect.any(Hedging)]);
    expect(own).not.toBe(ruled);
    configure({ hedge, rules: [rule], limits: { calls: 9 } });
    expect(hedgings[0]).toBe(own);
    expect(hedgings.splice(0)[1]).toBe(ruled);
    configure({ hedge: { ...hedge, after: "20ms" }, rules: [rule] });
    expect(hedgings[0]).not.toBe(own);
    expect(hedgings.splice(0)[1]).toBe(ruled);
    configure({ hedge: "off", rules: [{ when: { path: "/r" } }] });
    expect(hedgings).toEqual([undefined, undefined]);
  });
});

describe("active checks", () => {
  const timing = { interval: "1s", timeout: "500ms", failAfter: 1, passAfter: 1 } as const;
  const health = { ...timing, http: "/healthz" } as const;

  test("are made as the policy says, for as long as it does", async () => {
    const asked: string[] = [];
    const { configure, registry, runtime, time } = home({ health }, undefined, {
      probe: async ({ id }, question, service) => {
        asked.push(`${service} ${id} ${question.kind === "http" ? question.path : question.kind}`);
        return id === "a" ? { kind: "failed", why: "status 503" } : { kind: "passed" };
      },
    });
    const available = (): boolean[] => statsOf(runtime).endpoints.map((each) => each.available);
    await time.advance(2_000);
    expect(new Set(asked)).toEqual(new Set(["orders a /healthz", "orders b /healthz"]));
    expect(available()).toEqual([false, true]);
    registry.set("orders", [{ id: "a", host: "10.0.0.1", port: 80 }]);
    configure({ health: { ...health, http: "/ok" } });
    asked.length = 0;
    await time.advance(2_000);
    expect(new Set(asked)).toEqual(new Set(["orders a /ok"]));
    configure({ health: { ...timing, tcp: true } });
    asked.length = 0;
    await time.advance(2_000);
    expect(new Set(asked)).toEqual(new Set(["orders a tcp"]));
    configure({});
    expect(available()).toEqual([true]);
    expect(time.pending()).toBe(0);
    configure({ health });
    await runtime.close(0);
    configure({ health: { ...health, http: "/ok" } });
    expect(time.pending()).toBe(0);
  });

  test("are not made by a home that cannot", async () => {
    const { time } = home({ health });
    expect(time.pending()).toBe(0);
  });
});

describe("a service that is closed", () => {
  test("takes no call, lets those that run end, and cuts them when its patience does", async () => {
    const { ask, runtime, registry, time } = home({ retry: "off" }, () => "wait");
    const running = codeOf(ask("/"));
    const closed = runtime.close(1_000, "taken out of the policy");
    expect(registry.watches("orders")).toBe(0);
    await expect(ask("/")).rejects.toThrow("taken out of the policy");
    await time.advance(1_000);
    expect(await running).toBe("CLOSED");
    await closed;
    expect(time.pending()).toBe(0);
  });

  test("is closed at once by a second close without patience", async () => {
    const { ask, runtime, time } = home({ retry: "off" }, () => "wait");
    const running = codeOf(ask("/"));
    const patient = runtime.close(60_000);
    await runtime.close(0);
    expect(await running).toBe("CLOSED");
    await patient;
    expect(time.pending()).toBe(0);
  });

  test("closes the breaker of another make, once", async () => {
    const breaker = { state: { kind: "closed" } } as unknown as Breaker; // only its state is looked at here
    let closed = 0;
    const { runtime } = home({}, undefined, { breakers: { orders: () => ({ breaker, close: () => closed++ }) } });
    expect(runtime.breaker).toEqual({ kind: "closed" });
    await Promise.all([runtime.close(0), runtime.close(0)]);
    expect(closed).toBe(1);
  });
});

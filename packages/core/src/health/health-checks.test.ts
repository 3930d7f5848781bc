import { fakeTime, seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { many } from "../cluster/stage.suite.ts";
import type { Endpoint } from "../endpoint.ts";
import type { ProbeResult } from "../policy/health-check/endpoint-health.ts";
import { HealthChecks, type Probe } from "./health-checks.ts";

const PASSED: ProbeResult = { kind: "passed" };

describe("health checks", () => {
  test("ask each endpoint once in its interval, and tell what was found", async () => {
    const { checks, time, found } = lab(async ({ id }) =>
      id === "e1" ? { kind: "failed", why: "status 503" } : PASSED,
    );
    checks.follow(many(2));
    expect(found).toEqual([]);
    await time.advance(2_000);
    expect(found.toSorted()).toEqual(["e0 passed", "e1 status 503"]);
    await time.advance(20_000);
    // Each is asked every 1.8 to 2.2 s.
    for (const id of ["e0", "e1"]) {
      const times = found.filter((line) => line.startsWith(id)).length;
      expect(times).toBeGreaterThanOrEqual(10);
      expect(times).toBeLessThanOrEqual(12);
    }
    checks.close();
    expect(time.pending()).toBe(0);
  });

  test("give a probe up that takes too long, and have one at a time", async () => {
    let running = 0;
    let most = 0;
    const { checks, time, found } = lab(async (_endpoint, signal) => {
      most = Math.max(most, ++running);
      try {
        return await until(signal);
      } finally {
        running--;
      }
    });
    checks.follow(many(1));
    await time.advance(10_000);
    expect(new Set(found)).toEqual(new Set(["e0 no answer within 1000 ms"]));
    expect(found.length).toBeGreaterThanOrEqual(4);
    expect(most).toBe(1);
  });

  test("wait for a slow answer beyond the interval, and start no second probe meanwhile", async () => {
    let begun = 0;
    const { checks, time, found } = lab(
      async () => {
        begun++;
        await time.sleep(5_000);
        return PASSED;
      },
      { intervalMs: 1_000, timeoutMs: 6_000 },
    );
    checks.follow(many(1));
    await time.advance(5_000);
    expect([begun, found.length]).toEqual([1, 0]);
    await time.advance(1_000);
    expect(found).toEqual(["e0 passed"]);
  });

  test("do not join a second probe to one that does not heed its signal, and do not fall silent either", async () => {
    let begun = 0;
    const { checks, time, found } = lab(() => {
      begun++;
      return new Promise<never>(() => {});
    });
    checks.follow(many(1));
    await time.advance(10_000);
    expect(begun).toBe(1);
    expect(found[0]).toBe("e0 no answer within 1000 ms");
    expect(new Set(found.slice(1))).toEqual(new Set(["e0 the check before has not ended yet"]));
    expect(found.length).toBeGreaterThanOrEqual(4);
  });

  test.each<{ what: string; probe: Probe }>([
    { what: "rejects", probe: () => Promise.reject(new Error("connection refused")) },
    {
      what: "throws",
      probe: () => {
        throw new Error("connection refused");
      },
    },
  ])("take a probe that $what for a failed check", async ({ probe }) => {
    const { checks, time, found } = lab(probe);
    checks.follow(many(1));
    await time.advance(2_000);
    expect(found).toEqual(["e0 connection refused"]);
  });

  test("follow the membership: who left or moved is asked no more, and their probe is given up", async () => {
    const asked: string[] = [];
    const aborted: string[] = [];
    const { checks, time, found } = lab(async ({ id, port }, signal) => {
      asked.push(`${id}:${port}`);
      signal.addEventListener("abort", () => aborted.push(`${id}:${port}`));
      return await until(signal);
    });
    checks.follow(many(3));
    await time.advance(2_000);
    const before = found.length;
    asked.length = aborted.length = 0;
    checks.follow([many(1)[0]!, { ...many(2)[1]!, port: 99 }]);
    expect(aborted.every((one) => one === "e1:2" || one === "e2:3")).toBe(true);
    await time.advance(900);
    expect(found.slice(before).every((line) => line.startsWith("e0"))).toBe(true);
    await time.advance(20_000);
    expect(new Set(asked)).toEqual(new Set(["e0:1", "e1:99"]));
  });

  test("keep to their times when the registry says something new of the same endpoint, and probe it as it is now", async () => {
    const weights: number[] = [];
    const { checks, time } = lab(async ({ weight }) => {
      weights.push(weight);
      return PASSED;
    });
    checks.follow(many(1));
    await time.advance(2_000);
    checks.follow([{ ...many(1)[0]!, weight: 7 }]);
    await time.advance(2_200);
    expect(weights).toEqual([1, 7]);
  });

  test("leave alone whoever drains, until it does no more", async () => {
    const { checks, time, found } = lab(async () => PASSED);
    checks.follow([{ ...many(1)[0]!, state: "draining" }]);
    await time.advance(10_000);
    expect(found).toEqual([]);
    checks.follow([{ ...many(1)[0]!, state: "failing" }]);
    await time.advance(2_000);
    expect(found).toEqual(["e0 passed"]);
  });

  test("ask the first of two endpoints with one id", async () => {
    const asked: number[] = [];
    const { checks, time } = lab(async ({ port }) => {
      asked.push(port);
      return PASSED;
    });
    checks.follow([many(1)[0]!, { ...many(1)[0]!, port: 50 }]);
    checks.follow([many(1)[0]!, { ...many(1)[0]!, port: 50 }]);
    await time.advance(2_000);
    expect(asked).toEqual([1]);
  });

  test("take other times from the next check on", async () => {
    const { checks, time, found } = lab(async () => PASSED);
    checks.follow(many(1));
    await time.advance(2_000);
    checks.configure({ intervalMs: 100, timeoutMs: 50 });
    await time.advance(2_200);
    const before = found.length;
    await time.advance(1_000);
    expect(found.length - before).toBeGreaterThanOrEqual(9);
  });

  test("end when closed: no probe, no timer, no word of what was under way, and the cluster forgets", async () => {
    const { checks, time, found, forgotten } = lab(async (_endpoint, signal) => await until(signal));
    checks.follow(many(3));
    await time.advance(500);
    const before = [...found];
    checks.close();
    checks.close();
    checks.follow(many(3));
    await time.advance(10_000);
    expect(found).toEqual(before);
    expect(time.pending()).toBe(0);
    expect(forgotten()).toBe(1);
  });
});

function until(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason));
  return promise;
}

function lab(
  probe: (endpoint: Endpoint, signal: AbortSignal) => Promise<ProbeResult>,
  schedule?: { intervalMs: number; timeoutMs: number },
) {
  const time = fakeTime(1_000);
  const found: string[] = [];
  let forgotten = 0;
  const cluster = {
    checked: (id: string, result: ProbeResult) => {
      found.push(`${id} ${result.kind === "passed" ? "passed" : result.why}`);
    },
    forgetChecks: () => void forgotten++,
  };
  const checks = new HealthChecks({ cluster, time, random: seededRandom(2), probe, ...(schedule && { schedule }) });
  return { checks, time, found, forgotten: () => forgotten };
}

import { describe, expect, test } from "vitest";
import { whyOut } from "../decision/why-out.ts";
import { sentence } from "../decision/sentence.ts";
import { failure } from "../outcome.ts";
import type { ProbeResult } from "../policy/health-check/endpoint-health.ts";
import { many, type Stage, stage } from "./stage.suite.ts";

const REFUSED: ProbeResult = { kind: "failed", why: "connection refused" };
const PASSED: ProbeResult = { kind: "passed" };

describe("active checks", () => {
  test("take an endpoint out after three failures, say why, and bring it back after two passes", () => {
    const { cluster, available, journal } = stage(3);
    check({ cluster }, 0, "--");
    expect(available()).toEqual(["e0", "e1", "e2"]);
    check({ cluster }, 0, "-");
    expect(available()).toEqual(["e1", "e2"]);
    check({ cluster }, 0, "-+");
    expect(available()).toEqual(["e1", "e2"]);
    check({ cluster }, 0, "+++");
    expect(available()).toEqual(["e0", "e1", "e2"]);
    expect(journal.of("endpoint.unhealthy")).toEqual([
      { service: "orders", endpoint: "e0", why: "3 checks failed in a row, the last: connection refused" },
    ]);
    expect(journal.of("endpoint.healthy")).toEqual([{ service: "orders", endpoint: "e0" }]);
  });

  test("leave an endpoint that was never checked as the registry has it", () => {
    const { available } = stage([many(2)[0]!, { ...many(2)[1]!, state: "failing" }]);
    expect(available()).toEqual(["e0"]);
  });

  test("do not overrule the registry: what it calls failing stays out, however well it answers", () => {
    const { cluster, available } = stage([many(2)[0]!, { ...many(2)[1]!, state: "failing" }]);
    check({ cluster }, 1, "+++");
    expect(available()).toEqual(["e0"]);
  });

  test("outlast what the registry says in between, and are forgotten with the address", () => {
    const { cluster, available } = stage(3);
    check({ cluster }, 0, "---");
    cluster.update([{ ...many(1)[0]!, state: "failing" }, ...many(3).slice(1)]);
    cluster.update(many(3));
    expect(available()).toEqual(["e1", "e2"]);
    cluster.update([{ ...many(1)[0]!, port: 99 }, ...many(3).slice(1)]);
    expect(available()).toEqual(["e0", "e1", "e2"]);
  });

  test("take new thresholds at once", () => {
    const { cluster, available } = stage(3, { health: { failAfter: 1, passAfter: 1 } });
    check({ cluster }, 0, "-");
    expect(available()).toEqual(["e1", "e2"]);
    cluster.configure({ health: { failAfter: 2, passAfter: 2 } });
    check({ cluster }, 1, "-");
    expect(available()).toEqual(["e1", "e2"]);
  });

  test("say nothing of an endpoint that is no member", () => {
    const { cluster, journal } = stage(2);
    for (let i = 0; i < 5; i++) cluster.checked("nobody", REFUSED);
    expect(journal.of("endpoint.unhealthy")).toEqual([]);
  });

  test("are forgotten when they end", () => {
    const { cluster, available } = stage(3);
    check({ cluster }, 0, "---");
    cluster.forgetChecks();
    cluster.forgetChecks();
    expect(available()).toEqual(["e0", "e1", "e2"]);
    expect(cluster.snapshot().endpoints[0]!.health).toEqual({ kind: "unchecked" });
  });

  test("do not count the leases that end there meanwhile towards an ejection", () => {
    const { cluster, call, journal } = stage(3);
    const leases = Array.from({ length: 10 }, () => cluster.lease(many(1)[0]!, call()));
    check({ cluster }, 0, "---");
    for (const lease of leases) lease.release(failure("reset"));
    expect(journal.of("endpoint.ejected")).toEqual([]);
  });
});

describe("active checks and ejection", () => {
  test("an ejected endpoint that fails its check has no trial until it passes", () => {
    const { cluster, call, clock, available } = stage(3);
    for (let i = 0; i < 5; i++) cluster.lease(many(1)[0]!, call()).release(failure("connect"));
    check({ cluster }, 0, "---");
    clock.now += 60_000;
    for (let i = 0; i < 10; i++) expect(cluster.acquire(call()).endpoint.id).not.toBe("e0");
    check({ cluster }, 0, "++");
    expect(available()).toEqual(["e1", "e2"]); // the checks passed, the calls have not
    expect(cluster.acquire(call()).endpoint.id).toBe("e0"); // its trial
  });

  test("the last one that passes is not kept ejected", () => {
    const { cluster, call, available, journal } = stage(2);
    for (let i = 0; i < 5; i++) cluster.lease(many(1)[0]!, call()).release(failure("connect"));
    expect(available()).toEqual(["e1"]);
    check({ cluster }, 1, "---");
    expect(available()).toEqual(["e0"]);
    expect(journal.of("membership.panic")).toEqual([]);
  });

  test("a snapshot names each rule that keeps an endpoint out", () => {
    const { cluster, call, clock } = stage([...many(4), { ...many(5)[4]!, state: "draining" }]);
    for (let i = 0; i < 5; i++) cluster.lease(many(1)[0]!, call()).release(failure("connect"));
    for (const i of [0, 1]) check({ cluster }, i, "---");
    cluster.eject("e2", Number.POSITIVE_INFINITY);
    cluster.update([...many(3), { ...many(4)[3]!, state: "failing" }, { ...many(5)[4]!, state: "draining" }]);
    cluster.restore("e2");
    cluster.eject("e3", Number.POSITIVE_INFINITY);
    const { endpoints, atMs } = cluster.snapshot();
    expect(atMs).toBe(clock.now);
    expect(endpoints.map(({ out }) => out)).toEqual([
      ["active-check", "ejected"],
      ["active-check"],
      [],
      ["registry", "ejected"],
      ["draining"],
    ]);
    const sick = "fails its active check: 3 checks failed in a row, the last: connection refused";
    expect(endpoints.map((node) => whyOut(node, atMs))).toEqual([
      expect.stringMatching(
        new RegExp(`^${sick}; is ejected for another 5\\.\\d s: 5 consecutive failures, the last: .+$`),
      ),
      sick,
      "",
      "fails the registry's checks; is ejected until it is restored: by hand",
      "drains, says the registry",
    ]);
  });

  test("a pick's record says how many were left out for their check", () => {
    const { cluster, call } = stage(3);
    check({ cluster }, 0, "---");
    const one = call();
    cluster.acquire(one);
    const [pick] = cluster.explain(one.number);
    expect(pick).toMatchObject({ kind: "pick", members: 3, available: 2, ejected: 0, unhealthy: 1 });
    expect(sentence(pick!)).toMatch(
      /; 2 of 3 endpoints available, 0 ejected, 1 unhealthy by active checks; out: \w+ \(fails its active check\)$/,
    );
  });
});

describe("panic", () => {
  test("ignores checks that nobody passes, until somebody does", () => {
    const { cluster, available, journal } = stage(3);
    for (const i of [0, 1]) check({ cluster }, i, "---");
    expect(available()).toEqual(["e2"]);
    check({ cluster }, 2, "---");
    expect(available()).toEqual(["e0", "e1", "e2"]);
    expect(cluster.snapshot()).toMatchObject({ panic: true, panicBy: "active-checks" });
    check({ cluster }, 1, "++");
    expect(available()).toEqual(["e1"]);
    expect(cluster.snapshot()).toMatchObject({ panic: false, panicBy: undefined });
    expect(journal.of("membership.panic")).toEqual([
      { service: "orders", on: true, by: "active-checks", total: 3 },
      { service: "orders", on: false, by: "active-checks", total: 3 },
    ]);
  });

  test("keeps to the registry's word where only our checks fail for all", () => {
    const { cluster, available } = stage([...many(2), { ...many(3)[2]!, state: "failing" }]);
    for (const i of [0, 1]) check({ cluster }, i, "---");
    expect(available()).toEqual(["e0", "e1"]);
  });

  test("of the registry leaves our checks to count, where some pass them", () => {
    const failing = many(3).map((one) => ({ ...one, state: "failing" as const }));
    const { cluster, available, journal } = stage(failing);
    check({ cluster }, 0, "---");
    expect(available()).toEqual(["e1", "e2"]);
    for (const i of [1, 2]) check({ cluster }, i, "---");
    expect(available()).toEqual(["e0", "e1", "e2"]);
    expect(journal.of("membership.panic")).toEqual([{ service: "orders", on: true, by: "registry", total: 3 }]);
  });

  test("of one kind may follow that of the other", () => {
    const { cluster, journal } = stage(2);
    for (const i of [0, 1]) check({ cluster }, i, "---");
    cluster.update(many(2).map((one) => ({ ...one, state: "failing" as const })));
    cluster.update(many(2));
    cluster.forgetChecks();
    expect(journal.of("membership.panic").map(({ on, by }) => [on, by])).toEqual([
      [true, "active-checks"],
      [true, "registry"],
      [true, "active-checks"],
      [false, "active-checks"],
    ]);
  });
});

function check({ cluster }: Pick<Stage, "cluster">, i: number, results: string): void {
  for (const result of results) cluster.checked(`e${i}`, result === "+" ? PASSED : REFUSED);
}

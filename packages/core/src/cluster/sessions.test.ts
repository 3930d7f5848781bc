import { describe, expect, test } from "vitest";
import type { PickDecision } from "../decision/decision.ts";
import { sentence } from "../decision/sentence.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { MeshError } from "../errors.ts";
import { failure, SUCCESS } from "../outcome.ts";
import { first } from "../policy/first/first.ts";
import { maglev } from "../policy/maglev/maglev.ts";
import { peakEwma } from "../policy/peak-ewma/peak-ewma.ts";
import { roundRobin } from "../policy/round-robin/round-robin.ts";
import type { OngoingCall } from "../call.ts";
import type { ClusterPolicy } from "./balanced-cluster.ts";
import type { Lease } from "./lease.ts";
import type { SessionFate, SessionRules } from "./session-keepers.ts";
import { many, outliers, type Stage, stage as plainStage } from "./stage.suite.ts";

const MOVING: SessionRules = { tokenOf: ({ id }) => `token of ${id}`, move: true };

function stage(endpoints: readonly Endpoint[] | number, policy: Partial<ClusterPolicy> = {}): Stage {
  return plainStage(endpoints, { sessions: MOVING, ...policy });
}

/** A call of the session that this endpoint keeps. */
function callOf(lab: Stage, id: string, idempotent = true): OngoingCall {
  const call = lab.call(idempotent);
  call.session = `token of ${id}`;
  return call;
}

/** Where so many calls of the session go, each ended before the next. */
function goesTo(lab: Stage, id: string, count = 20): string[] {
  const found = new Set<string>();
  for (let i = 0; i < count; i++) {
    const lease = lab.cluster.acquire(callOf(lab, id));
    found.add(lease.endpoint.id);
    lease.release(SUCCESS);
  }
  return [...found];
}

function lastPick({ cluster }: Stage): PickDecision {
  const pick = cluster.explain().findLast((decision) => decision.kind === "pick");
  if (pick === undefined) throw new Error("nothing was picked");
  return pick;
}

const gone = (id: string) => many(3).filter((one) => one.id !== id);
const said = (id: string, state: Endpoint["state"]): Endpoint[] =>
  many(3).map((one) => (one.id === id ? { ...one, state } : one));

describe("a session", () => {
  test.each([peakEwma, roundRobin, first, maglev])("stays at its endpoint, whatever the picker: %o", (picker) => {
    const lab = stage(5, { picker: picker() });
    expect(goesTo(lab, "e3")).toEqual(["e3"]);
    expect(lastPick(lab)).toMatchObject({
      verdict: "session",
      endpoint: "e3",
      session: { endpoint: "e3", fate: "kept" },
    });
  });

  test("that begins, and one with a token that no endpoint has, is picked for like any other call", () => {
    const lab = stage(3, { picker: roundRobin() });
    const seen = new Set<string>();
    for (const token of ["", "e1", ""]) {
      const call = lab.call();
      call.session = token;
      seen.add(lab.cluster.acquire(call).endpoint.id);
      expect(lastPick(lab).session?.fate).toBe(token === "" ? undefined : "lost");
    }
    expect(seen.size).toBe(3);
  });

  test.each<[why: string, fate: SessionFate, happens: (lab: Stage) => void]>([
    ["that has left", "lost", (lab) => lab.cluster.update(gone("e1"))],
    ["that is ejected", "ejected", (lab) => lab.cluster.eject("e1", 5_000)],
    ["that fails the registry's checks", "registry", (lab) => lab.cluster.update(said("e1", "failing"))],
    [
      "that fails its active check",
      "active-check",
      (lab) => {
        for (let i = 0; i < 3; i++) lab.cluster.checked("e1", { kind: "failed", why: "refused" }, lab.clock.now);
      },
    ],
    ["that has no room", "full", (lab) => void lab.cluster.acquire(callOf(lab, "e1"))],
  ])("moves from an endpoint %s", (_, fate, happens) => {
    const lab = stage(3, { callsPerEndpoint: 1 });
    expect(goesTo(lab, "e1")).toEqual(["e1"]);
    happens(lab);
    expect(lab.cluster.acquire(callOf(lab, "e1")).endpoint.id).not.toBe("e1");
    expect(lastPick(lab)).toMatchObject({ verdict: "chosen", session: { fate } });
  });

  test("tells until when its endpoint is ejected", () => {
    const lab = stage(3);
    lab.cluster.eject("e1", 5_000);
    lab.clock.now += 1_000;
    lab.cluster.acquire(callOf(lab, "e1"));
    expect(lastPick(lab).session).toEqual({ endpoint: "e1", fate: "ejected", forMs: 4_000 });
    expect(sentence(lastPick(lab))).toContain("its session moves from e1, which is ejected for another 4.0 s");
  });

  test("stays at an endpoint that drains, which begins none", () => {
    const lab = stage(said("e1", "draining"));
    expect(goesTo(lab, "e1")).toEqual(["e1"]);
    for (let i = 0; i < 50; i++) {
      const lease = lab.cluster.acquire(lab.call());
      expect(lease.endpoint.id).not.toBe("e1");
      lease.release(SUCCESS);
    }
  });

  test("moves from one that drains and fails its checks", () => {
    const lab = stage(said("e1", "draining"));
    for (let i = 0; i < 3; i++) lab.cluster.checked("e1", { kind: "failed", why: "refused" }, lab.clock.now);
    expect(goesTo(lab, "e1")).not.toContain("e1");
    expect(lastPick(lab).session?.fate).toBe("active-check");
  });

  test("goes elsewhere with its retry", () => {
    const lab = stage(2);
    const call = callOf(lab, "e1");
    lab.cluster.acquire(call).release(failure("connect"));
    expect(lab.cluster.acquire(call).endpoint.id).toBe("e0");
    expect(lastPick(lab).session?.fate).toBe("tried");
    expect(lab.cluster.acquire(call).endpoint.id).toMatch(/e[01]/);
    expect(lastPick(lab).verdict).toBe("only-tried");
  });

  test("is not hedged, unless it has moved", () => {
    const lab = stage(3);
    const [kept, moved] = [callOf(lab, "e1"), callOf(lab, "e9")];
    lab.cluster.acquire(kept);
    lab.cluster.acquire(moved);
    expect([lab.cluster.elsewhere(kept), lab.cluster.elsewhere(moved)]).toEqual([false, true]);
  });

  test("is no trial of another endpoint, and is that of its own", () => {
    const lab = stage(3, { outliers: outliers({}) });
    lab.cluster.eject("e2", 1_000);
    lab.clock.now += 1_000;
    expect(goesTo(lab, "e1")).toEqual(["e1"]);
    const lease = lab.cluster.acquire(callOf(lab, "e2"));
    expect(lease.endpoint.id).toBe("e2");
    expect(lastPick(lab)).toMatchObject({ verdict: "trial", session: { endpoint: "e2", fate: "trial" } });
    // While that runs there is no other.
    expect(goesTo(lab, "e2")).not.toContain("e2");
    lease.answered(SUCCESS);
    expect(goesTo(lab, "e2")).toEqual(["e2"]);
  });

  test("is no trial of its own endpoint while that fails its checks, as no call is", () => {
    const lab = stage(3);
    lab.cluster.eject("e1", 1_000);
    lab.clock.now += 1_000;
    lab.cluster.acquire(lab.call(false)).release(SUCCESS); // its ejection is over, and this is not the trial
    for (let i = 0; i < 3; i++) lab.cluster.checked("e1", { kind: "failed", why: "refused" }, lab.clock.now);
    expect(lab.cluster.acquire(callOf(lab, "e1")).endpoint.id).not.toBe("e1");
    expect(lastPick(lab)).toMatchObject({ verdict: "chosen", session: { endpoint: "e1", fate: "active-check" } });
  });

  test("follows the endpoint's id to another address", () => {
    const lab = stage(3);
    lab.cluster.update(many(3).map((one) => (one.id === "e1" ? { ...one, host: "10.0.0.9" } : one)));
    expect(goesTo(lab, "e1")).toEqual(["e1"]);
  });
});

describe("beside other rules", () => {
  const inZone = (zone: string, i: number, more: Partial<Endpoint> = {}): Endpoint =>
    endpoint({
      id: `${zone}${i}`,
      host: "10.0.0.1",
      port: 1 + i + zone.charCodeAt(0) * 10,
      locality: { zone },
      ...more,
    });
  const grouped = (endpoints: readonly Endpoint[], zone?: string): Stage =>
    stage(endpoints, {
      grouping: { picker: peakEwma, zones: zone === undefined ? undefined : { own: zone, callers: undefined } },
    });

  test("a session stays in another zone", () => {
    const lab = grouped([inZone("a", 0), inZone("a", 1), inZone("b", 0)], "a");
    expect(lab.cluster.acquire(lab.call()).endpoint.id).toMatch(/^a/);
    expect(goesTo(lab, "b0")).toEqual(["b0"]);
  });

  test("a session stays in a later priority when the first has returned", () => {
    const second = { meta: { priority: "1" } };
    const lab = grouped([inZone("a", 0), inZone("a", 1), inZone("b", 0, second), inZone("b", 1, second)]);
    expect(lab.cluster.acquire(lab.call()).endpoint.id).toMatch(/^a/);
    expect(goesTo(lab, "b1")).toEqual(["b1"]);
  });

  test("in a priority in panic it stays at an endpoint that fails its checks, as calls go there", () => {
    const out = { state: "failing" } as const;
    const second = { ...out, meta: { priority: "1" } };
    const first3 = [inZone("a", 0), inZone("a", 1, out), inZone("a", 2, out)];
    const lab = grouped([...first3, inZone("b", 0, second)]);
    expect(lab.cluster.snapshot().division.groups).toMatchObject([{ priority: 0, panic: true }, { priority: 1 }]);
    expect(goesTo(lab, "a2")).toEqual(["a2"]);
  });

  test("in panic it stays at an endpoint that fails its checks, as all do", () => {
    const lab = stage(many(3).map((one) => ({ ...one, state: "failing" as const })));
    expect(goesTo(lab, "e1")).toEqual(["e1"]);
  });

  test("an endpoint that starts slowly keeps all of a session", () => {
    const lab = stage(2, { slowStartMs: 30_000 });
    lab.cluster.update(many(3));
    expect(goesTo(lab, "e2", 50)).toEqual(["e2"]);
  });
});

describe("a session that may not move", () => {
  const bound = (more: Partial<ClusterPolicy> = {}): Stage =>
    stage(3, { sessions: { ...MOVING, move: false }, ...more });

  function refused(lab: Stage, call = callOf(lab, "e1")): MeshError {
    try {
      lab.cluster.acquire(call);
    } catch (error) {
      if (error instanceof MeshError) return error;
    }
    throw new Error("it was not refused");
  }

  test("is refused while its endpoint is ejected, with who and until when", () => {
    const lab = bound();
    lab.cluster.eject("e1", 5_000);
    const error = refused(lab);
    expect(error).toMatchObject({ code: "NO_ENDPOINTS", neverSent: true, endpoint: "10.0.0.1:2" });
    expect(error.message).toBe(
      "service orders: endpoint 10.0.0.1:2: keeps the call's session and is ejected for another 5.0 s: by hand; the session may not move (sticky.onUnavailable: fail)",
    );
    expect(lastPick(lab)).toMatchObject({ verdict: "session-bound", endpoint: undefined });
    expect(lab.cluster.choose(callOf(lab, "e1"))).toEqual({ kind: "none", code: "NO_ENDPOINTS" });
    expect(goesTo(lab, "e2")).toEqual(["e2"]);
  });

  test("is refused for want of room at its endpoint, however much the others have, or none of them is left", () => {
    const lab = bound({ callsPerEndpoint: 1 });
    lab.cluster.acquire(callOf(lab, "e1"));
    expect(refused(lab).message).toBe(
      "service orders: endpoint 10.0.0.1:2: keeps the call's session and has 1 calls (limits.callsPerEndpoint); the session may not move (sticky.onUnavailable: fail)",
    );
    expect(lab.journal.of("limit.reached")).toHaveLength(1);
    lab.cluster.update(many(3).map((one) => ({ ...one, state: "draining" as const })));
    expect(refused(lab)).toMatchObject({ code: "OVERLOADED", neverSent: true });
    expect(lab.cluster.choose(callOf(lab, "e1"))).toEqual({ kind: "none", code: "OVERLOADED" });
  });

  test("is repeated where it is", () => {
    const lab = bound();
    const call = callOf(lab, "e1");
    lab.cluster.acquire(call).release(failure("connect"));
    expect(lab.cluster.acquire(call).endpoint.id).toBe("e1");
  });

  test("is the trial by which its endpoint returns, though no other call comes", () => {
    const lab = bound();
    lab.cluster.eject("e1", 1_000);
    lab.clock.now += 1_000;
    lab.cluster.acquire(callOf(lab, "e1")).release(SUCCESS);
    expect(lab.available()).toContain("e1");
  });

  test("moves when its endpoint has left", () => {
    const lab = bound();
    lab.cluster.update(gone("e1"));
    expect(goesTo(lab, "e1")).not.toContain("e1");
  });

  test("may move from the next call on when the policy says so", () => {
    const lab = bound();
    lab.cluster.eject("e1", 5_000);
    lab.cluster.configure({ sessions: MOVING });
    expect(goesTo(lab, "e1")).not.toContain("e1");
  });
});

test("a lease of a session is one like any other", () => {
  const lab = stage(2);
  const leases: Lease[] = Array.from({ length: 5 }, () => lab.cluster.acquire(callOf(lab, "e1")));
  expect(lab.cluster.snapshot().endpoints[1]).toMatchObject({ pending: 5, attempts: 5 });
  for (const lease of leases) lease.release(SUCCESS);
  expect(lab.cluster.snapshot().endpoints[1]!.pending).toBe(0);
});

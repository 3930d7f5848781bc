import * as fc from "fast-check";
import { expect, test } from "vitest";
import { failure, IGNORED, type Outcome, SUCCESS } from "../outcome.ts";
import type { Lease } from "./lease.ts";
import { many, stage } from "./stage.suite.ts";

const OUTCOMES = [SUCCESS, IGNORED, failure("reset"), failure("server-error")] as const;

/** What transports, timeouts and hedges may do to a lease, in any order and as often as they like. */
const act = fc.record({
  what: fc.constantFrom("lease" as const, "answered" as const, "release" as const, "abandon" as const, "cut" as const),
  /** Which of those taken so far, modulo. */
  which: fc.nat(99),
  outcome: fc.constantFrom(...OUTCOMES),
});

/** A lease, and what is known of it from outside. */
interface Held {
  readonly lease: Lease;
  readonly of: string;
  over: boolean;
  /** Whether the head of its answer has said something. */
  heard: boolean;
  failed: boolean;
}

test("counts each lease once, whatever is done to it and in whatever order", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 120 }), (acts) => {
      const { cluster, call, clock } = stage(3);
      const endpoints = many(3);
      const held: Held[] = [];
      for (const { what, which, outcome } of acts) {
        clock.now += which;
        if (what === "lease") {
          const endpoint = endpoints[which % 3]!;
          const lease = cluster.lease(endpoint, call());
          held.push({ lease, of: endpoint.id, over: false, heard: false, failed: false });
        } else if (held.length > 0) apply(held[which % held.length]!, what, outcome);
      }
      for (const { endpoint, attempts, pending, failed } of cluster.snapshot().endpoints) {
        const mine = held.filter(({ of }) => of === endpoint.id);
        expect({ attempts, pending, failed }, endpoint.id).toEqual({
          attempts: mine.length,
          pending: mine.filter(({ over }) => !over).length,
          failed: mine.filter((one) => one.failed).length,
        });
      }
      for (const each of held) for (let i = 0; i < 2; i++) each.lease.release(IGNORED);
      expect(cluster.snapshot().endpoints.map(({ pending }) => pending)).toEqual([0, 0, 0]);
    }),
    { seed: 7, numRuns: 300 },
  );
});

/** Does it, and notes what it is to count for. */
function apply(held: Held, what: "answered" | "release" | "abandon" | "cut", outcome: Outcome): void {
  const { lease } = held;
  const fails = outcome.kind === "failure";
  switch (what) {
    case "answered":
      lease.answered(outcome);
      if (held.over || held.heard) return;
      held.heard = outcome.kind !== "ignored";
      held.failed = fails;
      return;
    case "release":
      lease.release(outcome);
      held.failed ||= fails && !held.over;
      held.over = true;
      return;
    case "abandon":
      lease.abandon("outrun");
      held.over = true;
      return;
    case "cut":
      lease.cut("late"); // given back by its transport, which hears of it
      return;
    default:
      what satisfies never;
  }
}

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { failure, SUCCESS } from "../outcome.ts";
import type { NodeSnapshot } from "./cluster.ts";
import { many, outliers, stage } from "./stage.suite.ts";

const MOST = 8;

/** Outcomes of endpoints, time that passes, and a registry that changes its mind. */
const act = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("fails" as const), at: fc.nat(MOST - 1) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("calls" as const), well: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("passes" as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("members" as const),
      states: fc.array(fc.constantFrom("gone", "failing", "draining", "passing", "passing"), {
        minLength: MOST,
        maxLength: MOST,
      }),
    }),
  },
);

test("the floor holds under any outcomes, while members leave and join", () => {
  const ratio = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), ratio, (acts, maxEjectedRatio) => {
      const { cluster, call, clock } = stage(MOST, {
        outliers: outliers({ consecutiveFailures: 2, maxEjectedRatio, relative: false }),
      });
      for (const each of acts) {
        const before = counted(cluster.snapshot().endpoints);
        switch (each.kind) {
          case "fails":
            cluster.lease(many(MOST)[each.at]!, call()).release(failure("server-error"));
            break;
          case "calls":
            // Wherever it goes, to a trial or not. Somebody is always there, unless the registry has nobody.
            if (before.meant > 0) cluster.acquire(call()).release(each.well ? SUCCESS : failure("timeout"));
            break;
          case "passes":
            clock.now += each.ms;
            break;
          case "members":
            cluster.update(many(MOST).flatMap((one, i) => stateOf(one, each.states[i]!)));
            break;
          default:
            each satisfies never;
        }
        const { meant, available, out } = counted(cluster.snapshot().endpoints);
        expect(available).toBeGreaterThanOrEqual(Math.min(1, meant));
        // Members that leave may leave more behind than the ratio allows. Then nobody else goes out.
        const allowed = Math.max(1, Math.floor(meant * maxEjectedRatio));
        if (each.kind !== "members") expect(out).toBeLessThanOrEqual(Math.max(before.out, allowed));
      }
    }),
    { seed: 7, numRuns: 200 },
  );
});

type Endpoint = ReturnType<typeof many>[number];

function stateOf(endpoint: Endpoint, state: string): Endpoint[] {
  if (state === "gone") return [];
  return [{ ...endpoint, state: state === "failing" || state === "draining" ? state : "passing" }];
}

/** Of those that count: all, those in traffic, and those ejected or on trial. */
function counted(endpoints: readonly NodeSnapshot[]): Record<"meant" | "available" | "out", number> {
  const passing = endpoints.filter(({ endpoint: { state } }) => state === "passing");
  // Where none passes, those that fail take the traffic.
  const meant = passing.length > 0 ? passing : endpoints.filter(({ endpoint: { state } }) => state === "failing");
  const available = meant.filter((one) => one.available).length;
  return { meant: meant.length, available, out: meant.length - available };
}

import { expect, test } from "vitest";
import { idsOf, many, stage } from "../../cluster/stage.suite.ts";
import { SUCCESS } from "../../outcome.ts";
import { vectors } from "../../vectors.suite.ts";
import { pickerSuite } from "../picker.suite.ts";
import { leastRequest } from "./least-request.ts";

pickerSuite(leastRequest);

test.each(vectors.least_request.cases)("weighs $pending leases at weight $weight as Envoy does", (row) => {
  const { cluster, call } = stage(many([row.weight]), { picker: leastRequest() });
  for (let i = 0; i < row.pending; i++) cluster.acquire(call());
  cluster.choose(call());
  const pick = cluster.explain().at(-1);
  expect(1 / ((pick?.kind === "pick" && pick.candidates[0]?.load) || 0)).toBeCloseTo(row.envoy, 6);
});

test("never takes the one with strictly most leases, of four", () => {
  const { cluster, call } = stage(4, { picker: leastRequest() });
  const [busy] = cluster.snapshot().endpoints;
  cluster.lease(busy!.endpoint, call());
  for (let i = 0; i < 200; i++) {
    const lease = cluster.acquire(call());
    expect(lease.endpoint.id).not.toBe("e0"); // with distinct draws, its rival is always emptier
    lease.release(SUCCESS);
  }
});

test.each([2, 3])("compares all of %d, and goes round while they are equally idle", (size) => {
  const { cluster, call } = stage(size, { picker: leastRequest() });
  const ids = Array.from({ length: size * 4 }, () => {
    const lease = cluster.acquire(call());
    lease.release(SUCCESS);
    return lease.endpoint.id;
  });
  expect(new Set(ids.slice(0, size)).size).toBe(size);
  expect(ids.slice(size)).toEqual(ids.slice(0, -size));
});

test("gives leases in proportion to weight where all are compared", () => {
  const { cluster, call } = stage(many([1, 2, 3]), { picker: leastRequest() });
  const leases = Array.from({ length: 60 }, () => cluster.acquire(call()));
  const count = (id: string): number => idsOf(leases).filter((other) => other === id).length;
  // (pending + 1) / weight is level within one lease of each: 10, 20 and 30.
  expect([count("e0"), count("e1"), count("e2")]).toEqual([10, 20, 30]);
});

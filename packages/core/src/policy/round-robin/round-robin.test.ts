import { expect, test } from "vitest";
import { many, stage } from "../../cluster/stage.suite.ts";
import { SUCCESS } from "../../outcome.ts";
import { pickerSuite } from "../picker.suite.ts";
import { roundRobin } from "./round-robin.ts";

pickerSuite(roundRobin);

test("takes each in turn, whatever its weight", () => {
  const { cluster, call } = stage(many([9, 1, 1]), { picker: roundRobin() });
  const ids = Array.from({ length: 9 }, () => cluster.acquire(call()).endpoint.id);
  expect(new Set(ids.slice(0, 3)).size).toBe(3);
  expect(ids.slice(3)).toEqual([...ids.slice(0, 3), ...ids.slice(0, 3)]);
});

test("does not begin with the same endpoint in every client", () => {
  const begins = Array.from({ length: 20 }, (_, seed) => {
    const { cluster, call } = stage(8, { picker: roundRobin() }, seed);
    return cluster.acquire(call()).endpoint.id;
  });
  expect(new Set(begins).size).toBeGreaterThan(4);
});

test("goes on where it was when the membership grows", () => {
  const { cluster, call } = stage(3, { picker: roundRobin() });
  const before = cluster.acquire(call());
  before.release(SUCCESS);
  cluster.update(many(5));
  const at = Number(before.endpoint.id.slice(1));
  expect(cluster.acquire(call()).endpoint.id).toBe(`e${at + 1}`);
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { crc32 } from "../../hash/crc32.ts";
import { hashOf, hashVectors } from "../../hash/hash-vectors.suite.ts";
import { at, countsOf, homesIn, keyedStage, placed, strays } from "../consistent-hash/placement.suite.ts";
import { pickerSuite } from "../picker.suite.ts";
import { ketama, ketamaRing } from "./ketama.ts";

pickerSuite(ketama);

const { hosts, points, test0_to_9: all, without_255: without } = hashVectors.ketama;
const KEYS = Array.from({ length: 10 }, (_, i) => `test${i}`);

test(`three endpoints have nginx's ${points} points, and keys go where nginx sends them`, () => {
  const ring = ketamaRing(hosts, [1, 1, 1]);
  expect(ring.size).toBe(points);
  expect(KEYS.map((key) => placed(ring, hosts, hashOf(crc32, key)))).toEqual(all);
});

test("without one of them, only its keys move, as in nginx", () => {
  const stage = keyedStage(ketama(), at(...hosts), crc32);
  expect(KEYS.map(stage.home)).toEqual(all);
  stage.cluster.eject("1.0.0.255:80", 1_000);
  expect(KEYS.map(stage.home)).toEqual(without);
  stage.cluster.restore("1.0.0.255:80");
  stage.cluster.update(at(...hosts.filter((host) => host !== "1.0.0.255:80")));
  expect(KEYS.map(stage.home)).toEqual(without);
});

test("an endpoint of twice the weight has twice the points", () => {
  expect(ketamaRing(["a:1", "b:1"], [1, 2]).size).toBe(480);
});

test("gives shares by weight, and moves no key but those of an endpoint that goes", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 3, maxLength: 8 }), fc.nat(7), (list, out) => {
      const weights = new Map(list.map((weight, i) => [`10.0.0.${i}:80`, weight]));
      const total = list.reduce((sum, weight) => sum + weight, 0);
      const before = homesIn(ketamaRing, weights, 2_000);
      const counts = countsOf(before);
      for (const [name, weight] of weights) {
        const share = (counts.get(name) ?? 0) / before.length;
        // A share is that of 160 points or more on the ring: it strays by a tenth of itself, more for a small one.
        expect(Math.abs(share - weight / total), name).toBeLessThan(0.09);
      }
      const gone = `10.0.0.${out % list.length}:80`;
      const after = homesIn(ketamaRing, new Map([...weights].filter(([name]) => name !== gone)), 2_000);
      expect(strays(before, after, gone)).toBe(0);
    }),
    { seed: 7, numRuns: 20 },
  );
});

test("a key that moved comes back with its endpoint, however many came and went between", () => {
  const names = Array.from({ length: 8 }, (_, i) => `10.0.0.${i}:80`);
  fc.assert(
    fc.property(fc.array(fc.subarray(names, { minLength: 1 }), { maxLength: 5 }), (memberships) => {
      const stage = keyedStage(ketama(), at(...names), crc32);
      const keys = Array.from({ length: 50 }, (_, i) => `key-${i}`);
      const before = keys.map(stage.home);
      for (const members of memberships) {
        stage.cluster.update(at(...members));
        // Who is there keeps its keys, whoever else has gone.
        keys.forEach((key, i) => {
          if (members.includes(before[i]!)) expect(stage.home(key)).toBe(before[i]);
        });
      }
      stage.cluster.update(at(...names));
      expect(keys.map(stage.home)).toEqual(before);
    }),
    { seed: 7, numRuns: 30 },
  );
});

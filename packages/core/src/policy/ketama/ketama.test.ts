import { expect, test } from "vitest";
import { crc32 } from "../../hash/crc32.ts";
import { hashOf, hashVectors } from "../../hash/hash-vectors.suite.ts";
import { at, keyedStage, placed } from "../consistent-hash/placement.suite.ts";
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

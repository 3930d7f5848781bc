import { describe, expect, test } from "vitest";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { Word64 } from "../hash/word64.ts";
import { failure } from "../outcome.ts";
import { first } from "../policy/first/first.ts";
import { leastRequest } from "../policy/least-request/least-request.ts";
import { maglev } from "../policy/maglev/maglev.ts";
import { peakEwma } from "../policy/peak-ewma/peak-ewma.ts";
import type { Picker } from "../policy/picker.ts";
import { random } from "../policy/random/random.ts";
import { roundRobin } from "../policy/round-robin/round-robin.ts";
import { stage } from "./stage.suite.ts";

/** Endpoints named after their zone and place: `a0 a1 b2`. A zone `-` is none. */
function inZones(zones: string): Endpoint[] {
  return [...zones].map((zone, i) => {
    const locality = zone === "-" ? {} : { locality: { zone } };
    return endpoint({ id: `${zone}${i}`, host: "10.0.0.1", port: 1 + i, ...locality });
  });
}

/** Where the attempts of one call go that fails at each of them. */
function attempts(zones: string, count: number, picker: Picker, seed = 7, hash?: Word64): string[] {
  return attemptsAt(inZones(zones), count, picker, seed, hash);
}

function attemptsAt(endpoints: Endpoint[], count: number, picker: Picker, seed = 7, hash?: Word64): string[] {
  const { cluster, call } = stage(endpoints, { picker }, seed);
  const repeated = call();
  repeated.hash = hash;
  return Array.from({ length: count }, () => {
    const lease = cluster.acquire(repeated);
    lease.release(failure("reset"));
    return lease.endpoint.id;
  });
}

test("from its second retry on, a call goes to a zone where it has not been, while there is one", () => {
  expect(attempts("aaaab", 6, first())).toEqual(["a0", "a1", "b4", "a2", "a3", "a0"]);
  expect(attempts("aabbc", 5, first())).toEqual(["a0", "a1", "b2", "c4", "b3"]);
});

test("its first retry may stay in the zone", () => {
  expect(attempts("aab", 2, first())).toEqual(["a0", "a1"]);
});

test("a zone that stands in the metadata is one, too", () => {
  const named = inZones("aaab").map(({ locality, ...one }) => ({ ...one, meta: { zone: locality?.zone ?? "" } }));
  expect(attemptsAt(named, 4, first())).toEqual(["a0", "a1", "b3", "a2"]);
});

test("endpoints of no zone are in nobody's", () => {
  expect(attempts("a-a-", 4, first())).toEqual(["a0", "-1", "-3", "a2"]);
  expect(attempts("----", 4, first())).toEqual(["-0", "-1", "-2", "-3"]);
});

const PICKERS: readonly (() => Picker)[] = [peakEwma, leastRequest, roundRobin, random, maglev];

describe.each(PICKERS.map((make) => ({ kind: make().kind, make })))("by $kind", ({ make }) => {
  test.each(Array.from({ length: 20 }, (_, seed) => ({ seed })))(
    "no endpoint has a call twice while another has not, and none of a zone when two others have, seed $seed",
    ({ seed }) => {
      const went = attempts("aaaabbbb", 8, make(), seed, new Word64(seed, 77));
      expect(new Set(went).size).toBe(8);
      expect(new Set(went.slice(0, 3).map((id) => id[0]))).toEqual(new Set(["a", "b"]));
    },
  );
});

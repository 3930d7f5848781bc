import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { failure, type Lease, MeshError, type Picker, SUCCESS } from "@weft/core";
import { seededRandom } from "../random.ts";
import { endpointsOf, type Keys, pickerStage } from "./picker-stage.ts";

interface Claim {
  readonly title: string;
  check(make: () => Picker, keys: Keys): void;
}

const SIZES = [1, 2, 3, 4, 9];

/** What is promised of every picker. */
export const CLAIMS: readonly Claim[] = [
  { title: "says that nobody is there, rather than picking", check: none },
  ...SIZES.map((size) => ({
    title: `fills each of ${size} endpoints to its limit, and none beyond`,
    check: (make: () => Picker, keys: Keys) => fills(size, make, keys),
  })),
  ...SIZES.map((size) => ({
    title: `sends a call once to each of ${size} endpoints before it sends one again`,
    check: (make: () => Picker, keys: Keys) => goesElsewhere(size, make, keys),
  })),
  { title: "picks members only, whatever size the membership takes", check: membersOnly },
  { title: "never picks who was taken out of traffic, while others are there", check: availableOnly },
  { title: "bears weights that are a billion times each other", check: anyWeights },
  { title: "picks the same under the same seed", check: repeats },
  { title: "leaves a record of what it compared, with the chosen one in it", check: recorded },
];

function none(make: () => Picker, keys: Keys): void {
  const { cluster, call } = pickerStage(make(), [], keys);
  deepStrictEqual(cluster.choose(call()), { kind: "none", code: "NO_ENDPOINTS" });
}

function fills(size: number, make: () => Picker, keys: Keys): void {
  const { cluster, call } = pickerStage(make(), endpointsOf(size), keys, { callsPerEndpoint: 2 });
  const leases = Array.from({ length: size * 2 }, () => cluster.acquire(call()));
  deepStrictEqual(
    cluster.snapshot().endpoints.map(({ pending }) => pending),
    Array(size).fill(2),
  );
  deepStrictEqual(cluster.choose(call()), { kind: "none", code: "OVERLOADED" });
  const freed = leases[size]!;
  freed.release(SUCCESS);
  strictEqual(cluster.acquire(call()).endpoint.id, freed.endpoint.id);
}

function goesElsewhere(size: number, make: () => Picker, keys: Keys): void {
  const { cluster, call } = pickerStage(make(), endpointsOf(size), keys);
  for (let i = 0; i < 20; i++) {
    const one = call();
    const leases = Array.from({ length: size }, () => cluster.acquire(one));
    deepStrictEqual(
      leases.map((lease) => lease.endpoint.id).toSorted(),
      endpointsOf(size).map(({ id }) => id),
    );
    strictEqual(cluster.choose(one).kind, "chosen");
    for (const lease of leases) lease.release(SUCCESS);
  }
}

function membersOnly(make: () => Picker, keys: Keys): void {
  const { cluster, call, clock } = pickerStage(make(), [], keys);
  const random = seededRandom(11);
  const leases: Lease[] = [];
  for (let round = 0; round < 200; round++) {
    const size = random.below(6);
    const members = endpointsOf(size + random.below(3))
      .slice(0, size)
      .toReversed();
    cluster.update(members);
    for (let i = 0; i < 5; i++) {
      clock.now += 10;
      const choice = cluster.choose(call());
      if (size === 0) {
        strictEqual(choice.kind, "none");
        continue;
      }
      if (choice.kind === "none") throw new Error(`nobody of ${size} was picked`);
      const { id } = choice.endpoint;
      ok(
        members.some((member) => member.id === id),
        `${id} is no member`,
      );
      leases.push(cluster.acquire(call()));
      if (random.unit() < 0.7) leases.shift()?.release(random.unit() < 0.1 ? failure("overloaded") : SUCCESS);
    }
  }
  for (const lease of leases) lease.release(SUCCESS);
  for (const { pending, endpoint } of cluster.snapshot().endpoints) strictEqual(pending, 0, endpoint.id);
}

function availableOnly(make: () => Picker, keys: Keys): void {
  const members = endpointsOf(8);
  const { cluster, call, clock } = pickerStage(make(), members, keys);
  const random = seededRandom(5);
  for (let round = 0; round < 200; round++) {
    const { id } = members[random.below(members.length)]!;
    const state = (["passing", "failing", "draining"] as const)[random.below(3)]!;
    if (random.unit() < 0.5) cluster.update(members.map((one) => (random.unit() < 0.2 ? { ...one, state } : one)));
    if (random.unit() < 0.5) cluster.eject(id, 1 + random.below(500));
    else cluster.restore(id);
    clock.now += random.below(100);
    const choice = cluster.choose(call());
    const before = cluster.snapshot().endpoints.filter(({ available }) => available);
    // A trial, after an ejection has run out, goes to an endpoint that is not available yet.
    const trials = cluster.snapshot().endpoints.filter(({ out }) => out.includes("trial"));
    const allowed = new Set([...before, ...trials].map(({ endpoint }) => endpoint.id));
    if (choice.kind === "chosen") ok(allowed.has(choice.endpoint.id), `${choice.endpoint.id} is out of traffic`);
    else strictEqual(before.length, 0, "nobody was picked, though somebody is there");
  }
}

function anyWeights(make: () => Picker, keys: Keys): void {
  const { cluster, call } = pickerStage(make(), endpointsOf([1e-9, 1, 1e9]), keys);
  for (let i = 0; i < 50; i++) cluster.acquire(call()).release(SUCCESS);
  const one = call();
  const ids = Array.from({ length: 3 }, () => cluster.acquire(one).endpoint.id);
  deepStrictEqual(ids.toSorted(), ["e0", "e1", "e2"]);
}

function repeats(make: () => Picker, keys: Keys): void {
  deepStrictEqual(hundredPicks(make(), keys), hundredPicks(make(), keys));
}

function hundredPicks(picker: Picker, keys: Keys): string[] {
  const { cluster, call, clock } = pickerStage(picker, endpointsOf([1, 2, 3, 1, 5]), keys);
  return Array.from({ length: 100 }, (_, i) => {
    clock.now += i % 7;
    const lease = cluster.acquire(call());
    if (i % 3 !== 0) lease.release(i % 5 === 0 ? failure("overloaded") : SUCCESS);
    return lease.endpoint.id;
  });
}

function recorded(make: () => Picker, keys: Keys): void {
  const picker = make();
  const { cluster, call } = pickerStage(picker, endpointsOf(6), keys);
  const { endpoint } = cluster.acquire(call());
  const [pick] = cluster.explain();
  if (pick?.kind !== "pick") throw new Error(`the record is ${JSON.stringify(pick)}`);
  strictEqual(pick.endpoint, endpoint.id);
  strictEqual(pick.verdict, picker.hashes === true && keys === "unkeyed" ? "unkeyed" : "chosen");
  deepStrictEqual([pick.members, pick.available], [6, 6]);
  ok(
    pick.candidates.some((candidate) => candidate.endpoint === endpoint.id),
    "the chosen one is no candidate",
  );
  throws(() => pickerStage(make(), [], keys).cluster.acquire(call()), MeshError);
}

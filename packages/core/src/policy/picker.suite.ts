import { seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { idsOf, many, stage } from "../cluster/stage.suite.ts";
import type { Lease } from "../cluster/lease.ts";
import { failure, SUCCESS } from "../outcome.ts";
import type { Picker } from "./picker.ts";

/** What is promised of every picker. A new one joins by calling this from its own test. */
export function pickerSuite(make: () => Picker): void {
  describe(`every picker: ${make().kind}`, () => {
    test("says that nobody is there, rather than picking", () => {
      const { cluster, call } = stage(0, { picker: make() });
      expect(cluster.choose(call())).toEqual({ kind: "none", code: "NO_ENDPOINTS" });
    });

    test.each([1, 2, 3, 4, 9])("fills each of %d endpoints to its limit, and none beyond", (size) => {
      const { cluster, call } = stage(size, { picker: make(), callsPerEndpoint: 2 });
      const leases = Array.from({ length: size * 2 }, () => cluster.acquire(call()));
      expect(cluster.snapshot().endpoints.map(({ pending }) => pending)).toEqual(Array(size).fill(2));
      expect(cluster.choose(call())).toEqual({ kind: "none", code: "OVERLOADED" });
      const freed = leases[size]!;
      freed.release(SUCCESS);
      expect(cluster.acquire(call()).endpoint.id).toBe(freed.endpoint.id);
    });

    test.each([1, 2, 3, 4, 9])("sends a call once to each of %d endpoints before it sends one again", (size) => {
      const { cluster, call } = stage(size, { picker: make() });
      for (let i = 0; i < 20; i++) {
        const one = call();
        const leases = Array.from({ length: size }, () => cluster.acquire(one));
        expect(idsOf(leases).toSorted()).toEqual(many(size).map(({ id }) => id));
        expect(cluster.choose(one).kind).toBe("chosen");
        for (const lease of leases) lease.release(SUCCESS);
      }
    });

    test("picks members only, whatever size the membership takes", () => {
      const { cluster, call, clock } = stage(0, { picker: make() });
      const random = seededRandom(11);
      const leases: Lease[] = [];
      for (let round = 0; round < 200; round++) {
        const size = random.below(6);
        const members = many(size + random.below(3))
          .slice(0, size)
          .toReversed();
        cluster.update(members);
        for (let i = 0; i < 5; i++) {
          clock.now += 10;
          const choice = cluster.choose(call());
          if (size === 0) expect(choice.kind).toBe("none");
          else if (choice.kind === "none") expect.fail(`nobody of ${size} was picked`);
          else expect(members.map(({ id }) => id)).toContain(choice.endpoint.id);
          if (size > 0) leases.push(cluster.acquire(call()));
          if (random.unit() < 0.7) leases.shift()?.release(random.unit() < 0.1 ? failure("overloaded") : SUCCESS);
        }
      }
      for (const lease of leases) lease.release(SUCCESS);
      for (const { pending } of cluster.snapshot().endpoints) expect(pending).toBe(0);
    });

    test("passes over whom the registry or an ejection took out of traffic", () => {
      const members = many(5);
      const states = [
        { ...members[0]!, state: "failing" as const },
        { ...members[1]!, state: "draining" as const },
      ];
      const { cluster, call } = stage([...states, ...members.slice(2)], { picker: make() });
      cluster.eject("e2", 1_000);
      const picked = new Set(Array.from({ length: 50 }, () => cluster.acquire(call()).endpoint.id));
      expect([...picked].filter((id) => id !== "e3" && id !== "e4")).toEqual([]);
    });

    test("picks the same under the same seed", () => {
      expect(hundredPicks(make())).toEqual(hundredPicks(make()));
    });

    test("leaves a record of what it compared, with the chosen one in it", () => {
      const { cluster, call } = stage(6, { picker: make() });
      const { endpoint } = cluster.acquire(call());
      const [pick] = cluster.explain();
      expect(pick).toMatchObject({ kind: "pick", verdict: "chosen", endpoint: endpoint.id, members: 6, available: 6 });
      expect(pick?.kind === "pick" && pick.candidates.map((candidate) => candidate.endpoint)).toContain(endpoint.id);
    });
  });
}

function hundredPicks(picker: Picker): string[] {
  const { cluster, call, clock } = stage(many([1, 2, 3, 1, 5]), { picker }, 3);
  return Array.from({ length: 100 }, (_, i) => {
    clock.now += i % 7;
    const lease = cluster.acquire(call());
    if (i % 3 !== 0) lease.release(i % 5 === 0 ? failure("overloaded") : SUCCESS);
    return lease.endpoint.id;
  });
}

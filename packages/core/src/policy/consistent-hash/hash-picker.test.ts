import { describe, expect, test } from "vitest";
import { many } from "../../cluster/stage.suite.ts";
import { endpoint } from "../../endpoint.ts";
import { wordOf } from "../../hash/hash-vectors.suite.ts";
import { SUCCESS } from "../../outcome.ts";
import { maglev } from "../maglev/maglev.ts";
import { ringHash } from "../ring-hash/ring-hash.ts";
import { hashPicker } from "./hash-picker.ts";
import { keyedStage } from "./placement.suite.ts";
import type { Place } from "./placement.ts";

const KEYS = Array.from({ length: 300 }, (_, i) => `user-${i}`);

describe("a hashing picker", () => {
  test("builds its placement when endpoints come, go or change weight, and for nothing else", () => {
    let built = 0;
    const place: Place = () => {
      built++;
      return { find: () => 0, at: (_found, _hash, probe) => probe % 3 };
    };
    const { cluster, home } = keyedStage(hashPicker("counted", place), 3);
    expect(built).toBe(1);
    cluster.eject("e1", 100);
    cluster.restore("e1");
    cluster.update(many(3).toReversed());
    cluster.update(many(3).map((one, i) => (i === 0 ? { ...one, state: "draining" as const } : one)));
    home("a");
    expect(built).toBe(1);
    cluster.update(many([1, 1, 2]));
    cluster.update(many(2));
    expect(built).toBe(3);
  });

  test("keeps an endpoint's keys for it when it moves to another address and has a key of its own", () => {
    const named = (port: number) =>
      ["a", "b", "c"].map((name, i) => {
        return endpoint({ id: name, host: "10.0.0.1", port: port + i, meta: { hash_key: name } });
      });
    const stage = keyedStage(maglev(), named(1));
    const before = KEYS.map(stage.home);
    stage.cluster.update(named(50));
    expect(KEYS.map(stage.home)).toEqual(before);
  });

  test("sends a call without a key by chance, and says so", () => {
    const { cluster, call } = keyedStage(ringHash(), 4);
    const ids = Array.from({ length: 60 }, () => {
      const lease = cluster.acquire(call());
      lease.release(SUCCESS);
      return lease.endpoint.id;
    });
    expect(new Set(ids).size).toBe(4);
    expect(cluster.explain()[0]).toMatchObject({ kind: "pick", verdict: "unkeyed" });
  });

  test("passes over those at their limit, and finds the only one that is not among thousands", () => {
    const stage = keyedStage(maglev(), many(2_000));
    stage.cluster.configure({ callsPerEndpoint: 1 });
    for (const { endpoint: one } of stage.cluster.snapshot().endpoints) {
      if (one.id !== "e1234") stage.cluster.lease(one, stage.call());
    }
    expect(stage.home("anything")).toBe("e1234");
  });

  test("tells the endpoints of one address apart by their ids, in the same way everywhere", () => {
    const twins = ["b", "a"].map((id) => endpoint({ id, host: "10.0.0.1", port: 80 }));
    const one = keyedStage(ringHash(), twins);
    const other = keyedStage(ringHash(), twins.toReversed());
    expect(KEYS.map(one.home)).toEqual(KEYS.map(other.home));
  });
});

describe("a bound on the load", () => {
  test.each([ringHash, maglev])("keeps each endpoint within its share and a quarter, when all keys are one", (make) => {
    const { cluster, call } = keyedStage(make({ maxLoad: 1.25 }), 4);
    for (let calls = 1; calls <= 400; calls++) {
      const one = call();
      one.hash = wordOf(12_345n);
      cluster.acquire(one);
      const most = Math.max(...cluster.snapshot().endpoints.map(({ pending }) => pending));
      // Admitted with as many as it has slots, it then has one more.
      expect(most).toBeLessThanOrEqual(Math.max(1, Math.ceil(Math.trunc((calls * 125 + 99) / 100) / 4)) + 1);
    }
  });

  test("moves no call while nobody is over it", () => {
    const bound = keyedStage(maglev({ maxLoad: 1 }), 5);
    const free = keyedStage(maglev(), 5);
    expect(KEYS.map(bound.home)).toEqual(KEYS.map(free.home));
  });

  test("gives an endpoint of three times the weight three times the room", () => {
    const { cluster, call } = keyedStage(maglev({ maxLoad: 1 }), many([1, 3]));
    for (let i = 0; i < 200; i++) {
      const one = call();
      one.hash = wordOf(1n);
      cluster.acquire(one);
    }
    const [light, heavy] = cluster.snapshot().endpoints.map(({ pending }) => pending);
    // Slots are rounded up, and one more is admitted when they are taken.
    expect(Math.abs(light! - 50)).toBeLessThanOrEqual(2);
    expect(Math.abs(heavy! - 150)).toBeLessThanOrEqual(2);
  });

  test.each([0.99, 0, -1, Number.NaN])("of %d is refused", (maxLoad) => {
    expect(() => ringHash({ maxLoad })).toThrow(RangeError);
  });
});

import { endpoint, meshEvents } from "@weft/core";
import type { MeshEvents } from "@weft/core";
import { fakeTime } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { Feed } from "./feed.ts";

const a = endpoint({ host: "10.0.0.1", port: 80 });
const b = endpoint({ host: "10.0.0.2", port: 80 });

function feedOf(onIdle?: () => void) {
  const time = fakeTime();
  const events = meshEvents();
  const reports: MeshEvents["discovery.freshness"][] = [];
  events.on("discovery.freshness", (report) => reports.push(report));
  const feed = new Feed({
    service: "orders",
    source: "test",
    clock: time,
    events,
    ...(onIdle === undefined ? {} : { onIdle }),
  });
  return { feed, time, reports };
}

describe("freshness", () => {
  test("goes from pending over live to stale and back, and reports each change once", async () => {
    const { feed, time, reports } = feedOf();
    feed.failed("no route");
    expect(feed.membership.freshness).toEqual({ kind: "pending", error: "no route" });
    feed.learned([a]);
    await time.advance(1_000);
    feed.failed("refused");
    await time.advance(1_000);
    feed.failed("reset");
    expect(feed.membership).toMatchObject({
      endpoints: [a],
      freshness: { kind: "stale", sinceMs: 1_000, error: "reset" },
    });
    feed.learned([a]);
    expect(feed.membership.freshness).toEqual({ kind: "live", atMs: 2_000 });
    expect(reports.map(({ from, to }) => `${from} > ${to}`)).toEqual([
      "pending > live",
      "live > stale",
      "stale > live",
    ]);
  });

  test("a snapshot fills in while nothing is known, and never replaces an answer", () => {
    const { feed } = feedOf();
    feed.failed("refused");
    feed.fromDisk([a], 5_000);
    expect(feed.membership).toMatchObject({
      endpoints: [a],
      freshness: { kind: "snapshot", ageMs: 5_000, error: "refused" },
    });
    feed.learned([b]);
    feed.fromDisk([a], 1);
    expect(feed.membership.endpoints).toEqual([b]);
  });
});

test("what cannot be dialled is told beside the endpoints, until the registry no longer lists it", () => {
  const { feed } = feedOf();
  const told: unknown[] = [];
  feed.watch().subscribe(({ leftOut }) => told.push(leftOut));
  feed.learned([], ["o1: port 0"]);
  feed.confirmed();
  feed.failed("refused");
  feed.learned([], []);
  expect(told).toEqual([["o1: port 0"], ["o1: port 0"], undefined]);
});

describe("versions", () => {
  test("count changes of the endpoints, and neither confirmations nor another order", () => {
    const { feed } = feedOf();
    feed.learned([a, b]);
    feed.learned([b, a]);
    feed.failed("refused");
    feed.learned([a, b]);
    expect(feed.membership.version).toBe(1);
    feed.learned([a, { ...b, weight: 2 }]);
    expect(feed.membership.version).toBe(2);
  });

  test("a confirmation is visible but calls nobody", async () => {
    const { feed, time } = feedOf();
    const calls: number[] = [];
    feed.learned([a]);
    feed.watch().subscribe(({ version }) => calls.push(version));
    await time.advance(10);
    feed.learned([a]);
    expect(feed.membership.freshness).toEqual({ kind: "live", atMs: 10 });
    expect(calls).toEqual([]);
  });
});

describe("listeners", () => {
  test("one that causes a change is not called with what is outdated by then", () => {
    const { feed } = feedOf();
    const watch = feed.watch();
    const seen: string[] = [];
    watch.subscribe(({ version }) => {
      seen.push(`first ${version}`);
      if (version === 1) feed.learned([b]);
    });
    watch.subscribe(({ version }) => seen.push(`second ${version}`));
    feed.learned([a]);
    expect(seen).toEqual(["first 1", "first 2", "second 2"]);
  });

  test("tells the source when the last watch is closed, once for each time that happens", () => {
    let idle = 0;
    const { feed } = feedOf(() => idle++);
    const [one, two] = [feed.watch(), feed.watch()];
    one.close();
    one.close();
    expect(idle).toBe(0);
    two.close();
    expect(idle).toBe(1);
    feed.watch().close();
    expect(idle).toBe(2);
  });

  test("a closed feed hands out closed watches and ignores its source", async () => {
    const { feed } = feedOf();
    feed.close();
    feed.learned([a]);
    expect(feed.membership.endpoints).toEqual([]);
    await expect(feed.watch().ready()).rejects.toMatchObject({ code: "CLOSED", service: "orders" });
  });
});

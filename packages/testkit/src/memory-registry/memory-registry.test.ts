import type { Membership } from "@weft/core";
import { describe, expect, test } from "vitest";
import { fakeTime } from "../fake-time.ts";
import { memoryRegistry } from "./memory-registry.ts";

const one = { host: "10.0.0.1", port: 80 };
const two = { host: "10.0.0.2", port: 80 };

describe("memory registry", () => {
  test("answers a watch at once with what is registered", async () => {
    const registry = memoryRegistry({ clock: fakeTime(5) });
    registry.set("orders", [one, two]);
    const watch = registry.watch("orders");
    const membership = await watch.ready();
    expect(membership.endpoints.map(({ id }) => id)).toEqual(["10.0.0.1:80", "10.0.0.2:80"]);
    expect(membership).toMatchObject({ freshness: { kind: "live", atMs: 5 }, source: "memory orders", version: 1 });
  });

  test("answers for a service that nobody registered, with no endpoints", async () => {
    const membership = await memoryRegistry().watch("nobody").ready();
    expect(membership).toMatchObject({ endpoints: [], freshness: { kind: "live" }, version: 1 });
  });

  test("tells each listener of each watch about a change, and of a confirmation nobody", () => {
    const registry = memoryRegistry();
    registry.set("orders", [one]);
    const watches = [registry.watch("orders"), registry.watch("orders")];
    const told: number[][] = watches.map((watch) => heard(watch, ({ version }) => version));
    registry.set("orders", [one]);
    registry.set("orders", [one, two]);
    registry.set("payments", [two]);
    registry.remove("orders");
    expect(told).toEqual([
      [2, 3],
      [2, 3],
    ]);
    expect(watches[0]?.membership.endpoints).toEqual([]);
  });

  test("keeps the last good answer while it fails, and says since when and why", async () => {
    const time = fakeTime(100);
    const registry = memoryRegistry({ clock: time });
    registry.set("orders", [one]);
    const watch = registry.watch("orders");
    const kinds = heard(watch, ({ freshness }) => freshness.kind);
    registry.fail("connection refused");
    await time.advance(50);
    registry.fail("timed out");
    registry.set("orders", [two]);
    expect(watch.membership).toMatchObject({
      endpoints: [{ host: "10.0.0.1" }],
      freshness: { kind: "stale", sinceMs: 100, error: "timed out" },
      version: 1,
    });
    registry.recover();
    expect(watch.membership).toMatchObject({
      endpoints: [{ host: "10.0.0.2" }],
      freshness: { kind: "live", atMs: 150 },
      version: 2,
    });
    expect(kinds).toEqual(["stale", "stale", "live"]);
  });

  test("leaves a new watch pending while it stalls, and answers it on recovery", async () => {
    const registry = memoryRegistry();
    registry.stall();
    registry.set("orders", [one]);
    const watch = registry.watch("orders");
    expect(watch.membership).toMatchObject({ freshness: { kind: "pending" }, version: 0 });
    const ready = watch.ready();
    registry.recover();
    expect((await ready).endpoints).toHaveLength(1);
  });

  test("leaves a new watch pending with the error while it fails", () => {
    const registry = memoryRegistry();
    registry.fail("no route");
    expect(registry.watch("orders").membership.freshness).toEqual({ kind: "pending", error: "no route" });
  });

  test("starts from disk while the registry fails, and turns live when it answers", async () => {
    const registry = memoryRegistry();
    registry.fail("no route");
    registry.restore("orders", [one], 60_000);
    const watch = registry.watch("orders");
    expect((await watch.ready()).freshness).toEqual({ kind: "snapshot", ageMs: 60_000, error: "no route" });
    registry.fail("reset");
    expect(watch.membership.freshness).toEqual({ kind: "snapshot", ageMs: 60_000, error: "reset" });
    registry.set("orders", [two]);
    registry.recover();
    expect(watch.membership).toMatchObject({ endpoints: [{ host: "10.0.0.2" }], freshness: { kind: "live" } });
    expect(() => registry.restore("orders", [one], 1)).toThrow("service orders is live");
  });

  test("ends a wait with the signal's reason, or with CLOSED when the watch closes", async () => {
    const registry = memoryRegistry();
    registry.stall();
    const watch = registry.watch("orders");
    const abort = new AbortController();
    const aborted = watch.ready(abort.signal);
    const closed = watch.ready();
    abort.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    watch.close();
    await expect(closed).rejects.toMatchObject({ code: "CLOSED", service: "orders" });
    await expect(watch.ready()).rejects.toMatchObject({ code: "CLOSED" });
  });

  test("runs no listener after its watch, or the registry, was closed", async () => {
    const registry = memoryRegistry();
    const watch = registry.watch("orders");
    const other = registry.watch("orders");
    const told = [watch, other].map((each) => heard(each, ({ version }) => version));
    const stop = other.subscribe(() => expect.unreachable());
    stop();
    stop();
    watch.close();
    watch.close();
    expect(registry.watches("orders")).toBe(1);
    registry.set("orders", [one]);
    await registry.close();
    await registry.close();
    registry.set("orders", [two]);
    expect(told).toEqual([[], [2]]);
    expect(registry.watches("orders")).toBe(0);
    expect(() => registry.watch("orders")).toThrow("closed");
  });

  test("refuses an endpoint that cannot be", () => {
    expect(() => memoryRegistry().set("orders", [{ host: "10.0.0.1", port: 0 }])).toThrow("port 0");
  });
});

type Subscribable = { subscribe(listener: (membership: Membership) => void): () => void };

/** What the watch tells from now on, one value for each membership. */
function heard<Value>(watch: Subscribable, pick: (membership: Membership) => Value): Value[] {
  const values: Value[] = [];
  watch.subscribe((membership) => values.push(pick(membership)));
  return values;
}

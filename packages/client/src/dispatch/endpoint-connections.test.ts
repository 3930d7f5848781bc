import { ConcurrencyLimit } from "@weft/core";
import { fakeTime } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { EndpointConnections } from "./endpoint-connections.ts";

// A connection dials only when a request is dispatched on it: none is here.
function connections(most = 3): { pool: EndpointConnections; limit: ConcurrencyLimit } {
  const limit = new ConcurrencyLimit("limits.connections", most);
  const options = { origin: "http://orders", time: fakeTime(), connectMs: 1_000, bodyMs: 0 };
  return { pool: new EndpointConnections({ ...options, target: { host: "::1", port: 80 } }, limit), limit };
}

describe("endpoint connections", () => {
  test("give out first the one that was used last", () => {
    const { pool, limit } = connections();
    const [first, second] = [pool.take()!, pool.take()!];
    pool.giveBack(first);
    pool.giveBack(second);
    expect(pool.take()).toBe(second);
    expect(pool.take()).toBe(first);
    expect(limit.running).toBe(2);
    pool.destroy();
  });

  test("are none beyond the limit", () => {
    const { pool, limit } = connections(1);
    const only = pool.take()!;
    expect(pool.take()).toBeUndefined();
    pool.discard(only);
    pool.discard(only);
    expect(limit.running).toBe(0);
    expect(pool.take()).toBeDefined();
    pool.destroy();
    expect(limit.running).toBe(0);
  });

  test("end the one that was idle longest to make room", () => {
    const { pool } = connections();
    expect(pool.dropIdle()).toBe(false);
    const [first, second] = [pool.take()!, pool.take()!];
    pool.giveBack(first);
    pool.giveBack(second);
    expect(pool.dropIdle()).toBe(true);
    expect(pool.take()).toBe(second);
    pool.destroy();
  });

  test("once closed, end idle ones now and the others as they come back", () => {
    const { pool, limit } = connections();
    const [busy, idle] = [pool.take()!, pool.take()!];
    pool.giveBack(idle);
    pool.close();
    expect(limit.running).toBe(1);
    pool.giveBack(busy);
    expect(limit.running).toBe(0);
  });

  test("forget one whose other side closed it while it was idle", () => {
    const { pool, limit } = connections();
    const idle = pool.take()!;
    pool.giveBack(idle);
    idle.onDisconnect?.();
    expect(limit.running).toBe(0);
    expect(pool.take()).not.toBe(idle);
    pool.destroy();
  });
});

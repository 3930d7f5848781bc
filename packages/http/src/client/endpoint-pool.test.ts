import { ConcurrencyLimit, endpoint, TimeoutQueues } from "@weft/core";
import { fakeTime } from "@weft/testkit";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { DialTarget } from "../dial/dial.ts";
import type { CarriedExchange } from "./carried-exchange.ts";
import type { ClientConnection } from "./client-connection.ts";
import { connectionCounts } from "./connection-counts.ts";
import { EndpointPool } from "./endpoint-pool.ts";
import type { ExchangeFailure } from "./exchange-failure.ts";

test("a target that nobody can connect to fails the exchange, and holds no connection and no timeout", () => {
  const limit = new ConcurrencyLimit("limits.connections", 1);
  // SNI takes no address, and Node says so by a throw.
  const pool = poolOf({ host: "127.0.0.1", port: 1, tls: { servername: "10.0.0.1" } }, limit);
  const failures: ExchangeFailure[] = [];
  for (let i = 0; i < 2; i++) expect(pool.send(exchangeThatTells(failures), 0)).toBe(true);
  expect(failures).toMatchObject([{ code: "CONNECT_FAILED", sent: "no" }, { code: "CONNECT_FAILED" }]);
  expect([limit.running, pool.size, pool.dialOptions.timeouts.of(1_000).idle]).toEqual([0, 0, true]);
});

test("a connection has rested when it lay idle for more than 20 ms", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const pool = poolOf({ host: "127.0.0.1", port }, new ConcurrencyLimit("limits.connections", 1));
  onTestFinished(() => pool.destroy());
  const begun = Promise.withResolvers<ClientConnection>();
  const first = { ...exchangeThatTells([]), begin: begun.resolve };
  pool.send(first, 0);
  const connection = await begun.promise;
  connection.release(first, true); // at 0 ms
  const rested = [20, 21].map((nowMs) => {
    const next = { ...exchangeThatTells([]) };
    pool.send(next, nowMs);
    connection.release(next, true); // at 0 ms again
    return connection.rested;
  });
  expect(rested).toEqual([false, true]);
});

function poolOf(target: DialTarget, limit: ConcurrencyLimit): EndpointPool {
  const clock = fakeTime();
  return new EndpointPool(endpoint(target), target, {
    dial: { clock, timeouts: new TimeoutQueues(clock), connectMs: 1_000 },
    headLimits: { maxHeadBytes: 1_000, maxFields: 10, underscores: "keep" },
    idleMs: 1_000,
    limit,
    counts: connectionCounts(),
    onRoom() {},
  });
}

function exchangeThatTells(failures: ExchangeFailure[]): CarriedExchange {
  return {
    phase: "queued",
    buffer: Buffer.alloc(0),
    endsWithConnection: false,
    atMs: 0,
    keepAliveHintMs: -1,
    onAbandon: undefined,
    begin() {},
    received: () => true,
    lost() {},
    lose: (failure) => void failures.push(failure),
  };
}

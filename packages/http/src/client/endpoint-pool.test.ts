import { ConcurrencyLimit, endpoint, TimeoutQueues } from "@weft/core";
import { fakeTime } from "@weft/testkit";
import { expect, test } from "vitest";
import type { CarriedExchange } from "./carried-exchange.ts";
import { connectionCounts } from "./connection-counts.ts";
import { EndpointPool } from "./endpoint-pool.ts";
import type { ExchangeFailure } from "./exchange-failure.ts";

test("a target that nobody can connect to fails the exchange, and holds no connection and no timeout", () => {
  const clock = fakeTime();
  const timeouts = new TimeoutQueues(clock);
  const limit = new ConcurrencyLimit("limits.connections", 1);
  // SNI takes no address, and Node says so by a throw.
  const pool = new EndpointPool(
    endpoint({ host: "127.0.0.1", port: 1 }),
    { host: "127.0.0.1", port: 1, tls: { servername: "10.0.0.1" } },
    {
      dial: { clock, timeouts, connectMs: 1_000 },
      headLimits: { maxHeadBytes: 1_000, maxFields: 10, underscores: "keep" },
      idleMs: 1_000,
      limit,
      counts: connectionCounts(),
      onRoom() {},
    },
  );
  const failures: ExchangeFailure[] = [];
  for (let i = 0; i < 2; i++) expect(pool.send(exchangeThatTells(failures), 0)).toBe(true);
  expect(failures).toMatchObject([{ code: "CONNECT_FAILED", sent: "no" }, { code: "CONNECT_FAILED" }]);
  expect([limit.running, pool.size, timeouts.of(1_000).idle]).toEqual([0, 0, true]);
});

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

import { BalancedCluster, endpoint, type Lease, meshEvents, OngoingCall, SUCCESS } from "@weft/core";
import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { envoyLeastRequest } from "./envoy-least-request.ts";

test("leaves the busier of two a quarter of the picks, for it draws the same one twice", () => {
  const cluster = new BalancedCluster({
    service: "orders",
    clock: { nowMs: () => 0 },
    random: seededRandom(7),
    events: meshEvents(),
    policy: { picker: envoyLeastRequest() },
  });
  const [busy, idle] = ["busy", "idle"].map((id, i) => endpoint({ id, host: "10.0.0.1", port: 1 + i }));
  cluster.update([busy!, idle!]);
  let calls = 0;
  const call = (): OngoingCall => new OngoingCall(++calls, "orders", 0, true);
  for (let i = 0; i < 5; i++) cluster.lease(busy!, call());
  const picks = Array.from({ length: 4_000 }, (): Lease => {
    const lease = cluster.acquire(call());
    lease.release(SUCCESS);
    return lease;
  });
  // A deviation is sqrt(4000 * 0.25 * 0.75) = 27: five of them.
  const share = picks.filter((lease) => lease.endpoint.id === "busy").length;
  expect(Math.abs(share - 1_000)).toBeLessThan(137);
});

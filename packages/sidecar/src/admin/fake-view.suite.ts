import { parsePolicy } from "@weft/config";
import {
  BalancedCluster,
  endpoint,
  type Events,
  failure,
  hasFailed,
  MeshError,
  meshEvents,
  OngoingCall,
  SUCCESS,
} from "@weft/core";
import { CallLog } from "@weft/runtime";
import { type FakeTime, fakeTime, seededRandom } from "@weft/testkit";
import { eventCounts } from "../metrics/event-counts.ts";
import { ServiceCounters } from "../metrics/service-counters.ts";
import type { AdminView, Readiness, ServiceView } from "./admin-view.ts";

const FILE = `version: 1
discovery: { consul: { url: "http://127.0.0.1:8500", token: { env: CONSUL_HTTP_TOKEN } } }
defaults: { timeout: { total: 15s } }
services:
  orders:
    retry: { maxRetries: 2 }
    rules: [{ when: { path: "/reports/**", header: { x-key: hunter2, x-any: "*" } }, timeout: { total: 60s } }]
sidecar: { outbound: { listen: "127.0.0.1:15001" }, admin: { listen: "127.0.0.1:15000" } }
`;

const { policy } = await parsePolicy(FILE, { file: "policy.yaml", home: "sidecar" });

export interface FakeView extends AdminView {
  readonly time: FakeTime;
  readonly events: Events;
  readonly cluster: BalancedCluster;
  readonly counters: ServiceCounters;
  /** What was done by hand, in order. */
  readonly done: string[];
  state: Readiness;
  shown: Partial<ServiceView>;
}

/** One service, orders, with three endpoints: the first answers, the second refuses to connect, the third drains. */
export function fakeView(): FakeView {
  const time = fakeTime(1_000);
  const events = meshEvents();
  const cluster = new BalancedCluster({ service: "orders", clock: time, random: seededRandom(7), events });
  const member = (id: string, port: number, state: "passing" | "draining" = "passing"): ReturnType<typeof endpoint> =>
    endpoint({ id, host: "10.0.0.1", port, state, locality: { zone: "a" } });
  cluster.update([member("orders-1", 9001), member("orders-2", 9002), member("orders-3", 9003, "draining")]);
  const done: string[] = [];
  const counted = { counters: new ServiceCounters(), events: eventCounts() };
  const view: FakeView = {
    time,
    events,
    cluster,
    counters: counted.counters,
    done,
    state: { kind: "ready" },
    shown: {},
    sinceEpochMs: 1_790_000_000_000,
    readiness: () => view.state,
    services: () => [view.service("orders")!],
    service: (name) =>
      name !== "orders"
        ? undefined
        : {
            ...cluster.snapshot(),
            freshness: { kind: "live", atMs: 900 },
            source: "consul orders at http://127.0.0.1:8500",
            calls: { running: 2, most: 1_024 },
            connections: { running: 3, most: 1_024 },
            breaker: undefined,
            subset: undefined,
            retriesLeft: 99,
            retries: { running: 0, most: 3 },
            ...view.shown,
          },
    counted: (name) => (name === "orders" ? counted : undefined),
    decisions: (service, call) => (service === "orders" ? cluster.explain(call) : undefined),
    calls: new CallLog(),
    nowMs: () => time.nowMs(),
    epochMs: () => 1_790_000_000_000 + time.nowMs(),
    config: () => ({ policy, file: "policy.yaml", sinceEpochMs: 1_790_000_000_000, refused: undefined }),
    metrics: () => "weft_ready 1\n",
    eject: (service, id, forMs) => {
      if (service !== "orders") return "no-such-service";
      done.push(`eject ${id} ${forMs}`);
      return cluster.eject(id, forMs) ? "done" : "no-such-endpoint";
    },
    restore: (service, id) => {
      if (service !== "orders") return "no-such-service";
      done.push(`restore ${id}`);
      return cluster.restore(id) ? "done" : "no-such-endpoint";
    },
    drain: () => void done.push("drain"),
  };
  return view;
}

/**
 * Makes a call of this number: at orders-1 it succeeds after 18 ms, at orders-2 it fails after 2.
 *
 * @param traceId whose end is written to the log of calls; absent: it has not ended
 */
export async function makeCall(
  { time, cluster, calls }: FakeView,
  number: number,
  id: "orders-1" | "orders-2",
  traceId?: string,
): Promise<void> {
  const call = new OngoingCall(number, "orders", time.nowMs(), true);
  const found = cluster.snapshot().endpoints.find((node) => node.endpoint.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  const lease = cluster.lease(found.endpoint, call);
  await time.advance(id === "orders-1" ? 18 : 2);
  lease.release(id === "orders-1" ? SUCCESS : failure("connect"));
  if (traceId === undefined) return;
  const error = id === "orders-1" ? undefined : new MeshError("CONNECT_FAILED", "connect ECONNREFUSED");
  const of = { call, endedMs: time.nowMs(), status: error === undefined ? 200 : 502, grpcStatus: -1, error };
  calls.ended(of, "outbound", id, traceId, hasFailed(of));
}

import { checkPolicy, type ServicePolicyInput, type TcpPolicy } from "@weft/config";
import { type Endpoint, endpoint, meshEvents, type Time, TimeoutQueues, type Tracing } from "@weft/core";
import { systemTime } from "@weft/discovery";
import { CallLog, ServiceRuntime } from "@weft/runtime";
import { eventJournal, type EventJournal, memoryRegistry, type MemoryRegistry, seededRandom } from "@weft/testkit";
import { onTestFinished } from "vitest";
import type { AccessEntry } from "../../packages/sidecar/src/access-log/access-entry.ts";
import { TurnedAway } from "../../packages/sidecar/src/listener/turned-away.ts";
import { ListenerCounters } from "../../packages/sidecar/src/metrics/listener-counters.ts";
import { ServiceCounters } from "../../packages/sidecar/src/metrics/service-counters.ts";
import { TcpListener } from "../../packages/sidecar/src/tcp/tcp-listener.ts";
import { TunnelWay } from "../../packages/sidecar/src/tcp/tunnel-way.ts";
import { queue } from "./tcp-peers.ts";

/** A TCP listener for one service, `postgres`, whose endpoints the test names. */
export interface TcpRig {
  readonly port: number;
  readonly listener: TcpListener;
  readonly runtime: ServiceRuntime;
  readonly registry: MemoryRegistry;
  readonly journal: EventJournal;
  readonly counters: ListenerCounters;
  readonly ofService: ServiceCounters;
  /** Resolves with the next entry of the access log that nobody has taken yet. */
  entry(): Promise<AccessEntry>;
  /** Resolves when a connection more has been accepted, and its call has begun. */
  asked(): Promise<void>;
  /** Leases, connections and calls held now. */
  held(): { readonly calls: number; readonly pending: number; readonly connections: number };
}

export const NOTHING = { calls: 0, pending: 0, connections: 0 };

export interface TcpRigOptions {
  /** Ports of endpoints; undefined: the registry has not answered yet. */
  readonly ports: readonly number[] | undefined;
  readonly policy?: ServicePolicyInput;
  readonly listener?: Partial<TcpPolicy>;
  readonly time?: Time;
  /** Default: it carries traces on, and records none. */
  readonly tracing?: Tracing;
}

const UNRECORDED: Tracing = {
  begin: () => ({
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    sampled: false,
    fields: () => ({ traceparent: "", others: [] }),
    ended: () => {},
  }),
};

export async function tcpRig({
  ports,
  policy = {},
  listener: own = {},
  time = systemTime,
  tracing = UNRECORDED,
}: TcpRigOptions): Promise<TcpRig> {
  const registry = memoryRegistry();
  if (ports === undefined) registry.stall();
  else registry.set("postgres", ports.map(endpointAt));
  const events = meshEvents();
  const journal = eventJournal(events);
  const timeouts = new TimeoutQueues(time);
  const { services } = checkPolicy({
    version: 1,
    services: { postgres: { balancer: { kind: "round-robin" }, ...policy } },
  }).policy;
  let calls = 0;
  const runtime = new ServiceRuntime("postgres", registry.watch("postgres"), services.get("postgres")!, {
    time,
    random: seededRandom(7),
    events,
    timeouts,
    readyMs: 1_000,
    nextCall: () => ++calls,
    calls: new CallLog(),
  });
  const counters = new ListenerCounters();
  const ofService = new ServiceCounters();
  const way = new TunnelWay({ runtime, counters: ofService, time, timeouts, tracing });
  const entries = queue<AccessEntry>();
  const asked = queue<void>();
  const listener = new TcpListener(
    {
      name: "tcp:15432",
      listen: { host: "127.0.0.1", port: 0 },
      service: "postgres",
      connections: 1_000,
      idleMs: 3_600_000,
      proxyProtocol: { accept: false, send: "off" },
      ...own,
    },
    {
      time,
      timeouts,
      epochMs: () => 1_700_000_000_000,
      counters,
      way: () => {
        asked.put();
        return way;
      },
      ended: entries.put,
      refused: entries.put,
      turnedAway: new TurnedAway(time, () => {}),
    },
  );
  await listener.open();
  onTestFinished(async () => {
    await listener.finish(0);
    await runtime.close(0);
    await registry.close();
    timeouts.close();
    journal.close();
  });
  return {
    port: Number(listener.address.split(":").at(-1)),
    listener,
    runtime,
    registry,
    journal,
    counters,
    ofService,
    entry: entries.next,
    asked: asked.next,
    held: () => ({
      calls: runtime.calls.running,
      pending: runtime.cluster.snapshot().endpoints.reduce((sum, node) => sum + node.pending, 0),
      connections: runtime.connections.running,
    }),
  };
}

export function endpointAt(port: number): Endpoint {
  return endpoint({ host: "127.0.0.1", port });
}

import type { SecureContext } from "node:tls";
import { isDeepStrictEqual } from "node:util";
import type { CallPolicy, HealthQuestion, ServicePolicy } from "@weft/config";
import {
  authority,
  type Call,
  type Endpoint,
  type Events,
  MeshError,
  type ProbeResult,
  type TimeoutQueues,
  type Tracing,
} from "@weft/core";
import { type CallerExchange, type RequestHead, SEEN, ServicePools, type ServicePoolsOptions } from "@weft/http";
import {
  type Attempts,
  callStack,
  importanceOf,
  isIdempotent,
  type Paths,
  retriedStatuses,
  type ServiceRuntime,
  type StackParts,
} from "@weft/runtime";
import { retriedGrpcStatuses } from "../grpc/grpc-retry.ts";
import type { ServiceCounters } from "../metrics/service-counters.ts";
import type { CallObserver } from "../observe/call-observer.ts";
import { CutOff } from "../observe/cut-off.ts";
import { probeEndpoint, type ProbeWay } from "../probe/probe-endpoint.ts";
import { TunnelWay } from "../tcp/tunnel-way.ts";
import { HashedHop } from "../hop/hashed-hop.ts";
import { HeadOfCall } from "../hop/head-of-call.ts";
import { Hop } from "../hop/hop.ts";
import type { ListenerHandle } from "../hop/listener-handle.ts";
import { dialTarget } from "./dial-target.ts";
import { spokenTo } from "./endpoint-protocol.ts";
import type { HopAttempt } from "../hop/hop-attempt.ts";
import type { HopPath, HopPorts } from "../hop/hop-path.ts";
import { noteDenial } from "../hop/no-retry.ts";
import type { ViaFields } from "../hop/outgoing-request.ts";
import { isHedgeable, isRepeatable } from "../hop/sent-again.ts";
import type { LogLine } from "../sidecar-options.ts";

export interface SidecarServicePorts {
  readonly timeouts: TimeoutQueues;
  readonly events: Events;
  /** Wall clock. */
  readonly epochMs: () => number;
  readonly via: ViaFields;
  readonly observer: CallObserver;
  readonly tracing: Tracing;
  /** Certificates and authorities towards the endpoints of a service; undefined: it has no TLS. */
  readonly contextOf: (service: string) => SecureContext | undefined;
  /** Told what an operator must know. */
  readonly log: (line: LogLine) => void;
}

/** How long a connection that an endpoint gave no hint for may lie idle. Source: undici. */
const IDLE_MS = 4_000;
/** An endpoint's head may be longer than a caller's: cookies are set there. */
const ANSWER_HEAD = { maxHeadBytes: 64 * 1024, maxFields: 200, underscores: "keep" } as const;

/** One service as the HTTP listeners see it: its runtime, its connections, and the way of a request through both. */
export class SidecarService {
  readonly runtime: ServiceRuntime;
  readonly pools: ServicePools;
  /** When it was last asked for, on the policy clock. */
  usedMs: number;
  readonly #counters: ServiceCounters;
  readonly #paths: Paths<HopPath>;
  readonly #ports: HopPorts;
  readonly #probeWay: ProbeWay;
  readonly #cutOff: CutOff;
  readonly #stopFollowing: () => void;
  #tunnels: TunnelWay | undefined = undefined;

  /** @param target whom to dial, when that is not what the endpoint and the policy say */
  constructor(runtime: ServiceRuntime, ports: SidecarServicePorts, target?: ServicePoolsOptions["target"]) {
    const { time } = runtime;
    this.runtime = runtime;
    this.usedMs = time.nowMs();
    this.#counters = ports.observer.counters.service(runtime.name);
    this.#cutOff = new CutOff(`service ${runtime.name}`, "to", time, ports.log);
    const way = {
      target: target ?? ((endpoint) => dialTarget(endpoint, runtime.policy, () => ports.contextOf(runtime.name))),
      dial: () => ({ clock: time, timeouts: ports.timeouts, connectMs: runtime.policy.timeout.connectMs }),
    } satisfies Pick<ServicePoolsOptions, "target" | "dial">;
    this.pools = new ServicePools({
      ...way,
      time,
      limit: runtime.connections,
      maxPending: () => runtime.policy.limits.pending,
      protocol: (endpoint, head) => {
        const { protocol, tls } = runtime.policy;
        return spokenTo(protocol, tls !== undefined, endpoint, head);
      },
      http2Counts: this.#counters.http2,
      onFlood: ({ host, port }, detail) => this.#cutOff.flood(authority(host, port), detail),
      keepAliveMs: () => runtime.policy.keepAliveMs,
      headLimits: ANSWER_HEAD,
      counts: ({ id }) => this.#counters.endpoint(id),
      idleMs: IDLE_MS,
    });
    this.#probeWay = { ...way, service: runtime.name, pools: this.pools };
    const { epochMs, via, observer, timeouts, events, tracing } = ports;
    this.#ports = {
      time,
      epochMs,
      pools: this.pools,
      via,
      tracing,
      balancer: () => runtime.cluster.balancer,
      reportsLoad: () => runtime.goesByReports,
      sessions: () => runtime.sessions,
      breaker: () => runtime.breaker?.kind,
      decisions: ({ number, startedMs }) => runtime.cluster.explain(number, startedMs),
      answersGrpc: () => runtime.policy.protocol === "grpc",
      timeouts,
      noRoom: () => {
        const { pending } = runtime.policy.limits;
        events.emit("limit.reached", { service: runtime.name, limit: "limits.pending", value: pending });
      },
      ended: (hop) => {
        runtime.running.delete(hop);
        const { side } = hop.listener;
        const endpoint = hop.attempt?.lease.endpoint.id;
        const failed = runtime.ended(hop.traced, side, endpoint, hop.trace.traceId);
        observer.ended(hop, failed, this.#counters);
      },
    };
    this.#paths = runtime.paths(hopPath);
    this.#stopFollowing = runtime.onMembership((endpoints) => this.pools.keep(endpoints));
  }

  /** The way of CONNECT and of TCP connections; made when the first one comes. */
  get tunnels(): TunnelWay {
    const { runtime } = this;
    const { time, timeouts, tracing } = this.#ports;
    this.usedMs = time.nowMs();
    return (this.#tunnels ??= new TunnelWay({ runtime, counters: this.#counters, time, timeouts, tracing }));
  }

  /** Sends a request on its way. Never throws; what comes of it is answered to the exchange. */
  handle(exchange: CallerExchange, listener: ListenerHandle): void {
    const { head } = exchange;
    const { runtime } = this;
    const path = this.#paths.unruled ?? this.#paths.of(new HeadOfCall(head));
    // To open a WebSocket is a GET, also where HTTP/2 has an extended CONNECT for it.
    const method = head.protocol === "" ? head.method : "GET";
    const call = runtime.newCall(isIdempotent(method, path.idempotentMethods, head, keyOf), exchange.cameMs);
    this.usedMs = call.startedMs;
    this.#counters.callBegan();
    const hop = new Hop(exchange, call, path, this.#ports, listener);
    const { hashKeys, sessions } = runtime;
    if (hashKeys !== undefined) call.hash = hashKeys.of(new HashedHop(hop));
    if (sessions !== undefined) call.session = sessions.read(head.all("cookie"));
    runtime.running.add(hop);
    if (runtime.closed) hop.refuse(runtime.closedError());
    else hop.begin();
  }

  /** Asks an endpoint of the service whether it is fit. Never rejects. */
  probe(endpoint: Endpoint, question: HealthQuestion, signal: AbortSignal): Promise<ProbeResult> {
    return probeEndpoint(this.#probeWay, endpoint, question, signal);
  }

  /** Another policy. Connections that were made otherwise end with what runs on them. */
  configure(policy: ServicePolicy): void {
    const { tls, protocol } = this.runtime.policy;
    this.runtime.configure(policy);
    if (!isDeepStrictEqual([tls, protocol], [policy.tls, policy.protocol])) this.pools.keep([]);
  }

  /** Takes no new request; cuts what still runs after `drainMs`. */
  async close(drainMs: number, why: string): Promise<void> {
    await this.runtime.close(drainMs, why);
    this.#stopFollowing();
    this.pools.destroy();
    this.#cutOff.close();
  }
}

function hopPath(policy: CallPolicy, parts: StackParts): HopPath {
  const statuses = retriedStatuses(policy.retry?.options);
  const grpcStatuses = retriedGrpcStatuses(policy.retry?.options);
  return {
    service: callStack(policy, parts, ATTEMPTS, transport),
    mayRetry: (status) => statuses.has(status),
    maxAttempts: (policy.retry?.options.maxRetries ?? 0) + 1,
    mayRetryGrpc: (grpcStatus) => grpcStatuses.has(grpcStatus),
    replayBytes: policy.retry?.bufferBytes ?? 0,
    idleMs: policy.timeout.idleMs,
    idempotentMethods: policy.retry?.methods,
  };
}

const ATTEMPTS: Attempts<Hop, HopAttempt> = {
  resultOf: (attempt) => attempt.result,
  // What rejects is a refusal of the mesh itself: no endpoint, no room. Asking again at once changes nothing of it.
  resultOfError: () => undefined,
  repeatable: isRepeatable,
  hedgeable: isHedgeable,
  importanceOf: (hop) => importanceOf(hop.exchange.head.get("x-priority")),
  denied: noteDenial,
  discard: (attempt) => attempt.discard(),
};

/** Hands the lease of the pick on to the hop. */
function transport(hop: Hop, call: Call): HopAttempt["done"] {
  const { lease } = call;
  // The pick layer, further out, has just put it there.
  if (lease === undefined) throw new MeshError("CLOSED", "an attempt without a lease");
  call.lease = undefined;
  return hop.send(lease);
}

function keyOf(head: RequestHead, name: string): string | undefined {
  return (head.seen & SEEN.idempotencyKey) === 0 ? undefined : head.get(name);
}

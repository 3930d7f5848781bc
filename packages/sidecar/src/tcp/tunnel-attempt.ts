import type { Socket } from "node:net";
import {
  type AttemptResult,
  authority,
  Eventual,
  IGNORED,
  type Lease,
  MeshError,
  type MeshErrorDetails,
  type Outcome,
  SUCCESS,
  type TracedAttempt,
} from "@weft/core";
import { dial, type Dialer, type DialFailure, type Dialing, PooledReads, type TunnelEnd } from "@weft/http";
import { LATE_UNSENT, TIMED_OUT } from "@weft/runtime";
import type { EndpointCounters } from "../metrics/service-counters.ts";
import type { TunnelPorts } from "./tunnel-way.ts";

/**
 * One try to connect to one endpoint, and the lease for as long as the connection serves a tunnel.
 *
 * Never rejects: what it came to stands in it.
 */
export class TunnelAttempt implements Dialer, TracedAttempt {
  readonly lease: Lease;
  /** The one that began after it. */
  next: TunnelAttempt | undefined = undefined;
  /** Resolves with the connection, or with the failure. */
  readonly done: Eventual<TunnelAttempt> = new Eventual();
  readonly reads: PooledReads = new PooledReads();
  /** The connection; undefined when there is none. */
  socket: Socket | undefined = undefined;
  /** When the connection stood; 0: it never did. */
  answeredMs = 0;
  endedMs = 0;
  error: MeshError | undefined = undefined;
  /** What it came to as far as the endpoint is to blame. */
  outcome: Outcome = IGNORED;
  /** For retry; undefined when nothing asks for one. */
  result: AttemptResult | undefined = undefined;

  readonly #ports: TunnelPorts;
  readonly #counters: EndpointCounters;
  #dialing: Dialing | undefined = undefined;
  #state: "new" | "dialling" | "connected" | "over" = "new";

  constructor(lease: Lease, ports: TunnelPorts) {
    this.lease = lease;
    this.#ports = ports;
    this.#counters = ports.counters.endpoint(lease.endpoint.id);
  }

  /** It has neither. */
  get status(): number {
    return 0;
  }

  get grpcStatus(): number {
    return -1;
  }

  /** Who it is about, for errors. */
  get identity(): MeshErrorDetails {
    const { host, port } = this.lease.endpoint;
    const { runtime } = this.#ports;
    return { service: runtime.name, attempt: this.lease.attempt, endpoint: authority(host, port) };
  }

  begin(): void {
    const { runtime, time, timeouts } = this.#ports;
    const counters = this.#counters;
    counters.attempts++;
    counters.attemptsActive++;
    if (!runtime.connections.tryAcquire()) {
      this.error = runtime.noConnection();
      this.#over(IGNORED);
      return;
    }
    this.#state = "dialling";
    const { host, port } = this.lease.endpoint;
    this.#dialing = dial({ host, port }, this, {
      clock: time,
      timeouts,
      connectMs: runtime.policy.timeout.connectMs,
      onread: this.reads,
      allowHalfOpen: true,
    });
    this.lease.onCut(cutAttempt, this);
  }

  connected(socket: Socket): void {
    this.#state = "connected";
    this.socket = socket.on("error", () => {}); // it may break before it is joined; then the tunnel sees it closed
    this.answeredMs = this.#ports.time.nowMs();
    this.outcome = SUCCESS;
    this.#counters.connections++;
    this.#counters.connectionsActive++;
    this.lease.answered(SUCCESS, this.answeredMs);
    this.done.resolve(this);
  }

  failed(failed: DialFailure): void {
    const counters = this.#counters;
    counters.connectFailures++;
    if (failed.kind === "timeout") counters.connectTimeouts++;
    this.result = failed;
    const { problem, cause } = failed;
    this.error = new MeshError(failed.code, problem, { ...this.identity, neverSent: true, cause });
    this.#over(failed.outcome);
  }

  /** The attempt's own timeout came first: another may follow. */
  late(reason: unknown): void {
    if (this.#state !== "dialling") return;
    this.#counters.connectFailures++;
    this.#counters.connectTimeouts++;
    this.#dialing?.abort();
    this.result = LATE_UNSENT;
    this.error = reason instanceof MeshError ? reason : undefined;
    this.#over(TIMED_OUT);
  }

  /** Nobody wants it any more. */
  drop(outcome: Outcome): void {
    if (this.#state === "over") return;
    this.#dialing?.abort();
    if (this.#state === "connected") {
      this.socket?.destroy();
      this.#counters.connectionsActive--;
      this.#counters.closedHere++;
    }
    this.#over(outcome);
  }

  /** The tunnel that its connection served is over. */
  ended({ by, why, bytesAToB, bytesBToA }: TunnelEnd, outcome: Outcome): void {
    const counters = this.#counters;
    counters.connectionsActive--;
    if (by === "b") counters.closedByEndpoint++;
    else counters.closedHere++;
    if (by === "b" && why === "reset") counters.lostInUse++;
    counters.bytesSent += bytesAToB;
    counters.bytesReceived += bytesBToA;
    this.#over(outcome);
  }

  #over(outcome: Outcome): void {
    const acquired = this.#state !== "new";
    this.#state = "over";
    this.outcome = outcome;
    this.#counters.attemptsActive--;
    if (acquired) this.#ports.runtime.connections.release();
    this.endedMs = this.#ports.time.nowMs();
    this.lease.release(outcome, this.endedMs);
    this.done.resolve(this);
  }
}

function cutAttempt(reason: unknown, attempt: TunnelAttempt): void {
  attempt.late(reason);
}

import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  type CallTrace,
  type Endpoint,
  failure,
  IGNORED,
  type Lease,
  MeshError,
  type OngoingCall,
  type Outcome,
  SUCCESS,
  type TracedRequest,
} from "@weft/core";
import { joinSockets, type Tunnel, type TunnelEnd } from "@weft/http";
import { isLate, type Running, type ServiceRuntime, TIMED_OUT } from "@weft/runtime";
import { CallerLeft } from "../hop/caller-left.ts";
import { TracedTunnel } from "./traced-tunnel.ts";
import { TunnelAttempt } from "./tunnel-attempt.ts";
import type { TunnelPath, TunnelPorts } from "./tunnel-way.ts";

/** Who wants a tunnel: a TCP connection, or a CONNECT. Of the request, `method` is "" or `CONNECT`. */
export interface TunnelCaller extends Pick<TracedRequest, "method" | "version" | "secure" | "peer" | "header"> {
  /** What it was answered; 0: nothing that has a status. */
  readonly status: number;
  /** Where it comes from, without the port; "" when that is nowhere. */
  readonly address: string;
  /** A connection to an endpoint stands: hands the caller's over, without listeners. CONNECT answers 200 before. */
  accept(): AcceptedCaller;
  /** There is none and will be none. TCP: a reset; CONNECT: an answer that says why. */
  refuse(error: MeshError): void;
  /** Both connections have closed, or there never was a second. Called once, last. */
  ended(call: TunnelCall): void;
}

export interface AcceptedCaller {
  readonly socket: Duplex;
  /** Came before: goes to the endpoint first. */
  readonly early?: Buffer;
  /** Written to the endpoint before anything of the caller's, and not counted: a PROXY header. */
  readonly preface?: Buffer;
}

/** How it ended, in the words of the access log. */
export type TunnelCallEnd = "complete" | "caller" | "endpoint" | "mesh";

/**
 * One tunnel from the wish for it to its last byte: through the stack of its service to an endpoint that takes the
 * connection, and then as two joined sockets.
 *
 *   connecting --(an endpoint's connection)--> joined --> over
 *       +-----(no endpoint, cut, the caller left)--------^
 *
 * Attempts, retries, deadline and attempt timeout are those of connecting; the lease lasts until the tunnel ends.
 */
export class TunnelCall implements Running {
  readonly call: OngoingCall;
  readonly trace: CallTrace;
  /** The first of them; each knows the next. */
  attempts: TunnelAttempt | undefined = undefined;
  /** Where the last attempt went. */
  endpoint: Endpoint | undefined = undefined;
  /** Why there was no tunnel, or who cut it. */
  error: MeshError | undefined = undefined;
  end: TunnelCallEnd = "complete";
  /** The tunnel's own end; undefined when there was none. */
  tunnelEnd: TunnelEnd | undefined = undefined;
  /** Until the endpoint's connection stood, in ms; -1: none did. */
  connectedMs = -1;
  endedMs = 0;
  earlier: Running | undefined = undefined;
  later: Running | undefined = undefined;

  readonly #caller: TunnelCaller;
  readonly #path: TunnelPath;
  readonly #ports: TunnelPorts;
  readonly #idleMs: number;
  readonly #traced: TracedTunnel;
  #attempt: TunnelAttempt | undefined = undefined;
  /** Why the caller went before there was a tunnel, when it did. */
  #leftBy: CallerLeft | undefined = undefined;
  #tunnel: Tunnel | undefined = undefined;
  #state: "connecting" | "joined" | "over" = "connecting";

  constructor(caller: TunnelCaller, call: OngoingCall, path: TunnelPath, ports: TunnelPorts, idleMs: number) {
    this.#caller = caller;
    this.call = call;
    this.#path = path;
    this.#ports = ports;
    this.#idleMs = idleMs;
    this.#traced = new TracedTunnel(this, caller);
    this.trace = ports.tracing.begin(call, this.#traced);
  }

  /** What it failed with, for whatever reason; undefined: it did not. */
  get failure(): Error | undefined {
    return this.error ?? this.#leftBy;
  }

  /** The service as it was when the tunnel was asked for. */
  get runtime(): ServiceRuntime {
    return this.#ports.runtime;
  }

  /** Never throws. */
  begin(): void {
    const { runtime } = this.#ports;
    runtime.running.add(this);
    if (runtime.closed) return this.#fail(runtime.closedError(), IGNORED);
    this.call.onCut(cutCall, this);
    this.#path.service(this, this.call).then(
      (attempt) => this.#settle(attempt),
      (error: unknown) => this.#fail(asMeshError(error, this.call.service), IGNORED),
    );
  }

  /** The transport: one attempt at the endpoint that was picked. */
  send(lease: Lease): TunnelAttempt["done"] {
    this.endpoint = lease.endpoint;
    const attempt = new TunnelAttempt(lease, this.#ports);
    if (this.#attempt === undefined) this.attempts = attempt;
    else this.#attempt.next = attempt;
    this.#attempt = attempt;
    attempt.begin();
    return attempt.done;
  }

  /** The caller has gone, and there is no tunnel yet. */
  leave(why: string): void {
    if (this.#state !== "connecting") return;
    this.end = "caller";
    this.#leftBy = new CallerLeft(why);
    this.call.cut(this.#leftBy);
  }

  /** Bytes from the caller and to it, so far. */
  get bytesIn(): number {
    return this.#tunnel?.bytesAToB ?? 0;
  }

  get bytesOut(): number {
    return this.#tunnel?.bytesBToA ?? 0;
  }

  /** Given up from above: the deadline while it connects, the mesh that closes. */
  cut(reason: unknown): void {
    if (this.#state === "connecting") {
      const outcome = isLate(reason) ? TIMED_OUT : IGNORED;
      this.#attempt?.drop(outcome);
      if (this.end === "caller") this.#finish(IGNORED);
      else this.#fail(asMeshError(reason, this.call.service), outcome);
    } else if (this.#state === "joined") {
      this.error = asMeshError(reason, this.call.service);
      this.#tunnel?.close(); // which ends it
    }
  }

  /** The layers have had their say. */
  #settle(attempt: TunnelAttempt): void {
    const { socket, error } = attempt;
    if (this.#state !== "connecting") return attempt.drop(IGNORED);
    if (socket === undefined) {
      this.#fail(
        error ?? new MeshError("CLOSED", "the attempt was given up", { service: this.call.service }),
        attempt.outcome,
      );
      return;
    }
    this.#state = "joined";
    this.connectedMs = attempt.answeredMs - this.call.startedMs;
    this.call.settle(); // the deadline was for the connection: a tunnel lasts as long as somebody uses it
    this.call.answered(SUCCESS, attempt.answeredMs);
    this.#join(attempt, socket);
  }

  #join(attempt: TunnelAttempt, socket: Socket): void {
    const { time, timeouts } = this.#ports;
    const accepted = this.#caller.accept();
    if (accepted.preface !== undefined) socket.write(accepted.preface);
    this.#tunnel = joinSockets(accepted.socket, socket, {
      clock: time,
      timeouts,
      idleMs: this.#idleMs,
      ...(accepted.early === undefined ? {} : { earlyFromA: accepted.early }),
      readsOfB: attempt.reads,
      ended: (end) => this.#tunnelEnded(attempt, end),
    });
  }

  #tunnelEnded(attempt: TunnelAttempt, end: TunnelEnd): void {
    this.tunnelEnd = end;
    this.end = endOf(end);
    this.error ??= errorOf(end, attempt);
    attempt.ended(end, outcomeOf(end));
    this.#finish(SUCCESS);
  }

  #fail(error: MeshError, outcome: Outcome): void {
    if (this.#state !== "connecting") return;
    this.error = error;
    this.end = "mesh";
    this.#caller.refuse(error);
    this.#finish(outcome);
  }

  #finish(outcome: Outcome): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.endedMs = this.#ports.time.nowMs();
    const { end, call, endedMs } = this;
    call.answered(outcome, endedMs);
    call.finish(end === "complete" ? { kind: "complete", atMs: endedMs } : { kind: "cut", atMs: endedMs, by: end });
    this.#ports.runtime.running.delete(this);
    this.trace.ended(this.#traced);
    this.#ports.runtime.ended(this.#traced, "outbound", this.endpoint?.id, this.trace.traceId);
    this.#caller.ended(this);
  }
}

function cutCall(reason: unknown, call: TunnelCall): void {
  call.cut(reason);
}

function endOf({ why, by }: TunnelEnd): TunnelCallEnd {
  if (why === "ended") return "complete";
  if (by === "mesh") return "mesh";
  return by === "a" ? "caller" : "endpoint";
}

/**
 * What a tunnel says of its endpoint. Resets are the way that some protocols end; one that came before any byte of an
 * answer is the sign of an endpoint that accepts and cannot serve.
 */
function outcomeOf({ why, by, bytesBToA }: TunnelEnd): Outcome {
  if (by === "b" && why === "reset" && bytesBToA === 0) return failure("reset");
  return SUCCESS;
}

function errorOf({ why, by, error }: TunnelEnd, { lease, identity }: TunnelAttempt): MeshError | undefined {
  const details = { ...identity, ...(error === undefined ? {} : { cause: error }) };
  if (why === "idle") return new MeshError("CONNECTION_LOST", "no byte came from either side in time", details);
  if (why !== "reset" || by !== "b") return undefined;
  const said = error === undefined ? "" : `: ${error.message}`;
  return new MeshError("CONNECTION_LOST", `the connection to ${lease.endpoint.id} broke${said}`, details);
}

function asMeshError(error: unknown, service: string): MeshError {
  if (error instanceof MeshError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new MeshError("CLOSED", message, { service, cause: error });
}

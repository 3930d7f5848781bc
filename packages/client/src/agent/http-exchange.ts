import { errorMonitor } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type Endpoint, IGNORED, type Lease, MeshError, type OngoingCall, type Outcome, SUCCESS } from "@weft/core";
import {
  asError,
  isLate,
  LATE_UNSENT,
  type LoggedCall,
  outcomeOfAnswer,
  reportLoad,
  type Running,
  TIMED_OUT,
} from "@weft/runtime";
import { classifyFailure } from "../dispatch/classify-failure.ts";
import { attemptError } from "../dispatch/attempt-error.ts";
import type { ExchangePorts } from "../dispatch/exchange.ts";
import { type Connecting, PendingConnect } from "./pending-connect.ts";
import { ToldDeadline } from "./told-deadline.ts";
import { TracedHttp } from "../trace/traced-http.ts";

export interface HttpExchangePorts extends Pick<ExchangePorts, "time" | "running" | "trace" | "ended" | "sessions"> {
  /** Wall clock, for a Retry-After that is a date. */
  readonly epochMs: () => number;
  /** Gets the request a connection to the endpoint: then `sending`, `unconnected` or `fail` is called, once. */
  readonly connect: (exchange: HttpExchange, endpoint: Endpoint) => void;
  /** Whether the service's balancer goes by what its endpoints say of their load. */
  readonly reportsLoad: () => boolean;
}

/**
 * One call made with node:http, from `addRequest` to the last byte of the response.
 *
 *   connecting --(a connection)--> waiting --(head)--> receiving --> ended
 *     |   | ^                         +-----(101)----> upgraded ---> ended
 *     |   +-+ another endpoint, as retry decides
 *     +--(destroyed, cut, no endpoint)--> given-up --> ended
 *
 * Only the first phase can be repeated: node:http writes the request's bytes itself and keeps none of them. From then
 * on the exchange watches what happens between the application and the endpoint, and changes nothing of it.
 */
export class HttpExchange implements Running {
  readonly request: ClientRequest;
  readonly call: OngoingCall;
  earlier: Running | undefined = undefined;
  later: Running | undefined = undefined;

  readonly #ports: HttpExchangePorts;
  /** Undefined: it is not traced. */
  readonly #traced: TracedHttp | undefined;
  readonly #deadline: ToldDeadline;
  #phase: "connecting" | "given-up" | "waiting" | "receiving" | "upgraded" | "ended" = "connecting";
  #lease: Lease | undefined = undefined;
  #connect: PendingConnect | undefined = undefined;
  #socket: Duplex | undefined = undefined;
  #reused = false;
  #response: IncomingMessage | undefined = undefined;
  /** What the connection ended with, when it was not the application that ended it. */
  #lost: Error | undefined = undefined;
  #endpoint: string | undefined = undefined;

  constructor(request: ClientRequest, call: OngoingCall, ports: HttpExchangePorts) {
    this.request = request;
    this.call = call;
    this.#ports = ports;
    this.#traced = ports.trace && new TracedHttp(request, call, ports.trace);
    this.#deadline = new ToldDeadline(request, call.startedMs);
  }

  get ended(): boolean {
    return this.#phase === "ended";
  }

  /** Begins to watch the request. */
  begin(): void {
    const { request } = this;
    // A request without a connection says nothing when it is destroyed, and would wait for the connection first.
    // So for as long as it has none, destroying it comes by here. Source: reference clients 1.6, for undici.
    request.destroy = (error) => {
      this.#giveUp(error);
      return request;
    };
    request.prependOnceListener("response", (response: IncomingMessage) => this.#answered(response));
    request.on(errorMonitor, (error: Error) => {
      if (!request.destroyed) this.#lost ??= error;
      this.#over();
    });
    request.once("close", () => this.#over());
    this.call.onCut((reason) => this.#cut(reason), undefined);
  }

  /** The transport of the stack: one attempt to get a connection. Never rejects. */
  attempt(lease: Lease): Promise<Connecting> {
    this.#lease = lease;
    this.#endpoint = lease.endpoint.id;
    if (this.ended) {
      lease.release(IGNORED);
      return Promise.resolve(undefined);
    }
    if (this.call.deadlineMs !== Number.POSITIVE_INFINITY) this.#deadline.tell(this.call.deadlineMs, lease.startedMs);
    this.#traced?.begins(lease);
    const connect = new PendingConnect();
    this.#connect = connect;
    lease.onCut((reason) => this.#attemptCut(reason), undefined);
    this.#ports.connect(this, lease.endpoint);
    return connect.result;
  }

  /** The stack has had its say. */
  settle(connecting: Connecting): void {
    if (connecting === undefined || this.ended) return;
    this.call.answered(connecting.outcome, this.#ports.time.nowMs());
    // An attempt failed, so there was a lease.
    this.fail(attemptError(connecting, connecting.cause, this.call.service, this.#lease!));
  }

  /** The call failed without a connection: the request ends with this error. */
  fail(error: unknown): void {
    this.#giveUp(asError(error));
  }

  // From the agent.

  /** @param abandon gives the connect up */
  dialling(socket: Socket, abandon: () => void): void {
    this.#connect?.dialling(socket, abandon);
  }

  /** Whether this is the connect that it waits for, and not one of an attempt it has given up. */
  awaits(socket: Socket): boolean {
    return this.#connect?.awaits(socket) === true;
  }

  /** The request has its connection: from here on node:http writes to it. */
  sending(socket: Duplex, reused: boolean): void {
    this.#leaveToNode();
    this.#phase = "waiting";
    this.#socket = socket;
    this.#reused = reused;
    socket.once("agentRemove", this.#upgraded);
    this.#connect?.settle(undefined);
  }

  /** There is no connection to the endpoint of this attempt. */
  unconnected(error: Error): void {
    const facts = classifyFailure(error, "connecting");
    this.#release(facts.outcome, error);
    this.#connect?.settle({ ...facts, cause: error });
  }

  // From node:http.

  #answered(response: IncomingMessage): void {
    const { statusCode = 0, headers } = response;
    const outcome = outcomeOfAnswer(statusCode, headers["retry-after"], this.#ports.epochMs);
    this.#phase = "receiving";
    this.#response = response;
    if (this.#lease !== undefined && this.#ports.reportsLoad())
      reportLoad(this.#lease, (name) => headers[name]?.toString(), this.#ports.time.nowMs());
    this.#tellSession(response, outcome);
    this.#head(outcome);
    response.once("end", () => this.#over());
    // Nobody else listens: without this listener node:http would read the body away by itself.
    if (this.request.listenerCount("response") === 0) response.resume();
  }

  /** As a `Set-Cookie` of the endpoint's would stand in its answer. */
  #tellSession({ headers, rawHeaders }: IncomingMessage, outcome: Outcome): void {
    if (this.call.session === undefined || this.#lease === undefined) return;
    const line = this.#ports.sessions()?.answered(this.call, this.#lease.endpoint, outcome) ?? "";
    if (line === "") return;
    (headers["set-cookie"] ??= []).push(line);
    rawHeaders.push("Set-Cookie", line);
  }

  /** node:http takes a socket off its agent when it becomes something else: 101, or CONNECT. */
  readonly #upgraded = (): void => {
    this.#phase = "upgraded";
    this.#head(SUCCESS);
    this.#socket?.once("close", () => this.#end(SUCCESS, undefined));
  };

  #head(outcome: Outcome): void {
    const nowMs = this.#ports.time.nowMs();
    this.#lease?.answered(outcome, nowMs);
    this.#traced?.answered(outcome, this.#response?.statusCode ?? 101, nowMs);
    this.call.answered(outcome, nowMs);
  }

  /** The last byte is here, or none will come. Whichever of node:http's events says so first. */
  #over(): void {
    if (this.#phase === "given-up" || this.#phase === "upgraded" || this.ended) return;
    const { cutBy } = this.call;
    if (this.#response?.complete === true) this.#end(SUCCESS, undefined);
    else if (cutBy !== undefined) this.#end(this.#phase === "waiting" && isLate(cutBy) ? TIMED_OUT : IGNORED, cutBy);
    else this.#endUnanswered();
  }

  #endUnanswered(): void {
    const lost = this.#lost ?? (this.#endedByPeer() ? new ConnectionEnded() : undefined);
    if (lost === undefined) {
      this.#end(IGNORED, ABORTED);
      return;
    }
    const waiting = this.#reused ? "waiting on a reused connection" : "waiting";
    this.#end(classifyFailure(lost, this.#phase === "receiving" ? "receiving" : waiting).outcome, lost, "endpoint");
  }

  #endedByPeer(): boolean {
    return this.#socket !== undefined && this.#socket.readableEnded;
  }

  // Giving up.

  /** The call is: its deadline, the mesh that closes. */
  #cut(reason: unknown): void {
    if (this.ended || this.#phase === "given-up") return;
    const error = asError(reason);
    if (this.#phase === "connecting") this.#giveUp(error);
    else if (this.#phase === "upgraded") this.#socket?.destroy();
    else if (this.#response === undefined) this.request.destroy(error);
    else this.#response.destroy(error);
  }

  /** The attempt is, by its timeout: without a connection another may follow, with one the request ends. */
  #attemptCut(reason: unknown): void {
    if (this.#phase !== "connecting") {
      this.call.cut(reason);
      return;
    }
    this.#connect?.hangUp();
    this.#release(TIMED_OUT, reason);
    this.#connect?.settle({ ...LATE_UNSENT, cause: reason });
  }

  /** Ends a request that has no connection, in this tick. */
  #giveUp(error: Error | undefined): void {
    if (this.#phase !== "connecting") return;
    const { request, call } = this;
    this.#phase = "given-up";
    this.#leaveToNode();
    this.#connect?.hangUp();
    call.cut(error ?? ABORTED); // ends the stack's pause or wait
    this.#end(isLate(call.cutBy) ? TIMED_OUT : IGNORED, error ?? ABORTED);
    request.destroy(error);
    // It has no socket and never will: node:http then ends it, with this error. Its types do not know that case.
    request.onSocket(undefined as never);
    this.#connect?.settle(undefined);
  }

  #leaveToNode(): void {
    // The own property that `begin` put before the method of the class.
    Reflect.deleteProperty(this.request, "destroy");
  }

  #end(outcome: Outcome, error: unknown, by?: "endpoint"): void {
    if (this.ended) return;
    this.#phase = "ended";
    const { call } = this;
    const nowMs = this.#ports.time.nowMs();
    this.#socket?.off("agentRemove", this.#upgraded);
    this.#release(outcome, error, nowMs);
    call.answered(outcome, nowMs);
    call.finish(
      error === undefined
        ? { kind: "complete", atMs: nowMs }
        : { kind: "cut", atMs: nowMs, by: by ?? (error instanceof MeshError ? "mesh" : "caller") },
    );
    this.#ports.running.delete(this);
    this.#traced?.ended(error, nowMs);
    const status = this.#response?.statusCode ?? 0;
    const over: LoggedCall = { call, endedMs: nowMs, status, grpcStatus: -1, error };
    this.#ports.ended(over, this.#endpoint, this.#traced?.traceId ?? "");
  }

  #release(outcome: Outcome, error: unknown, nowMs: number = this.#ports.time.nowMs()): void {
    this.#lease?.release(outcome, nowMs);
    this.#traced?.attemptEnded(outcome, error, nowMs);
  }
}

class ConnectionEnded extends Error {
  readonly code = "ECONNRESET";
  constructor() {
    super("the endpoint closed the connection");
  }
}

const ABORTED = new DOMException("The request was destroyed", "AbortError");

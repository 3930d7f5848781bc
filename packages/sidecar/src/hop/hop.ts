import {
  type CallTrace,
  type Endpoint,
  type Lease,
  MeshError,
  type OngoingCall,
  type ServedRequest,
  type Settled,
  tell,
} from "@weft/core";
import { type CallerExchange, type ExchangeHooks, NO_FIELDS, type ResponseHead, type Tunnel } from "@weft/http";
import type { Running } from "@weft/runtime";
import { concernsAttempt, headOfAttempt } from "./attempt-field.ts";
import type { BodyWatch } from "./body-watch.ts";
import { CallerLeft } from "./caller-left.ts";
import { HopAttempt } from "./hop-attempt.ts";
import type { HopPath, HopPorts } from "./hop-path.ts";
import { isTunnel, joinHop } from "./hop-tunnel.ts";
import type { ListenerHandle } from "./listener-handle.ts";
import { hopsLeft } from "./max-forwards.ts";
import { answerError, asMeshError, breakOffAnswer, endsWithStatus, grpcStatusOfError } from "./mesh-answer.ts";
import { type HopBody, hopBody, outgoingRequest } from "./outgoing-request.ts";
import { passOn } from "./pass-on.ts";
import { ReplayableBody } from "./replayable-body.ts";
import { bringsDeadline, receivedDeadlineMs } from "./received-deadline.ts";
import { sayWithAnswer } from "./say-with-answer.ts";
import { TracedHop } from "./traced-hop.ts";
import { idleMsOf, watchHop } from "./watch-hop.ts";
import { watchSoon } from "./watch-soon.ts";

/** How an exchange with a caller ended. */
export type HopEnd = "complete" | "caller" | "endpoint" | "mesh";

/**
 * One request's way: from the caller's exchange through the stack of its service to an endpoint, and the answer's back.
 *
 *   waiting --(an attempt's answer, or a problem)--> answering --(its last byte)--> over
 */
export class Hop implements ExchangeHooks, Running, Settled<HopAttempt> {
  readonly exchange: CallerExchange;
  readonly call: OngoingCall;
  readonly listener: ListenerHandle;
  /** Whether it is a call of gRPC, which is judged by a status of its own. */
  readonly grpc: boolean;
  readonly ports: HopPorts;
  readonly trace: CallTrace;
  /** The first of them; each knows the next. */
  attempts: HopAttempt | undefined = undefined;
  /** The attempt whose answer the caller got; undefined when it got none. */
  attempt: HopAttempt | undefined = undefined;
  /** What the caller was told instead. */
  error: MeshError | undefined = undefined;
  /** Where the last attempt went. */
  endpoint: Endpoint | undefined = undefined;
  end: HopEnd = "complete";
  endedMs = 0;
  /** What the caller is to be given by which its calls are told apart; "": nothing. */
  setCookie = "";
  /** It failed for want of retries: its caller is asked for none either. */
  retriesOver = false;
  /** The last attempt met a connection that its endpoint had closed: the next one goes by one of its own. */
  metClosed = false;
  /** The byte tunnel that it became. */
  tunnel: Tunnel | undefined = undefined;
  earlier: Running | undefined = undefined;
  later: Running | undefined = undefined;

  readonly path: HopPath;
  readonly body: HopBody;
  /** Counted among what the service has in flight; undefined: nobody asks for that. */
  readonly served: ServedRequest | undefined;

  /** As those see it that remember and trace calls. */
  readonly traced: TracedHop;

  #state: "waiting" | "answering" | "over" = "waiting";
  #grpcStatus = -1;
  #last: HopAttempt | undefined = undefined;
  /** Why the caller went, when it did. */
  #leftBy: Error | undefined = undefined;
  /** Of an answer that comes bit by bit. */
  #watch: BodyWatch | undefined = undefined;

  constructor(exchange: CallerExchange, call: OngoingCall, path: HopPath, ports: HopPorts, listener: ListenerHandle) {
    this.listener = listener;
    this.served = listener.load?.began(call.startedMs);
    this.exchange = exchange;
    this.call = call;
    this.grpc = exchange.head.grpc;
    this.path = path;
    this.ports = ports;
    this.traced = new TracedHop(this);
    this.trace = ports.tracing.begin(call, this.traced);
    this.body = hopBody(exchange, path.replayBytes);
    exchange.hooks = this;
    if (bringsDeadline(exchange.head)) call.tighten(call.startedMs + receivedDeadlineMs(exchange.head));
  }

  /** Sends it on its way. Never throws. */
  begin(): void {
    // What may go no further has come to whom it asks, who offers nothing of its own.
    if (hopsLeft(this.exchange.head) === 0) return this.exchange.respond(200, "OK", NO_FIELDS, "", 0);
    this.call.onCut(cutHop, this);
    tell(this.path.service(this, this.call), this);
  }

  /** Whether its streams have become another protocol's, by an extended CONNECT (RFC 8441). */
  get switched(): boolean {
    const { head } = this.exchange;
    return head.protocol !== "" && (this.attempt?.head?.status ?? 0) < 300;
  }

  /** gRPC's status that the caller was told; -1: none. */
  get grpcStatus(): number {
    return this.#grpcStatus >= 0 ? this.#grpcStatus : (this.attempt?.grpcStatus ?? -1);
  }

  nowMs(): number {
    return this.ports.time.nowMs();
  }

  /** The transport: sends one attempt to the endpoint that was picked. */
  send(lease: Lease): HopAttempt["done"] {
    const attempt = new HopAttempt(this, lease);
    if (this.#last === undefined) this.attempts = attempt;
    else this.#last.next = attempt;
    this.#last = attempt;
    if (this.call.cutBy !== undefined) attempt.cut(this.call.cutBy);
    this.endpoint = lease.endpoint;
    const { pools, via } = this.ports;
    const { endpoint, startedMs } = lease;
    const leftMs = this.call.deadlineMs - startedMs;
    const head = concernsAttempt(this, lease) ? headOfAttempt(this, lease) : this.exchange.head;
    const request = outgoingRequest(head, this.body, this.trace.fields(lease.attempt), leftMs, via);
    attempt.began(pools.send(endpoint, request, attempt, startedMs, this.metClosed));
    return attempt.done;
  }

  /** An interim answer of an endpoint. 100 is ours to give, and was given when the body was wanted. */
  informed(head: ResponseHead): void {
    if (this.#state === "waiting" && head.status !== 100) this.exchange.inform(head.status, head.reason, head);
  }

  /** The layers have had their say: this attempt's answer, or its failure, is the call's. */
  kept(attempt: HopAttempt): void {
    if (this.#state !== "waiting") {
      attempt.discard();
      return;
    }
    const { head, error } = attempt;
    if (error !== undefined || head === undefined) {
      this.call.answered(attempt.outcome, this.nowMs());
      const given = new MeshError("CLOSED", "the attempt was given up", { service: this.call.service });
      this.#refuse(error ?? given, attempt);
      return;
    }
    this.#state = "answering";
    this.attempt = attempt;
    attempt.deliver();
    const upstream = attempt.exchange!; // a head came by it
    sayWithAnswer(this, attempt, head);
    const tunnel = isTunnel(upstream, this.body);
    // The deadline was for the answer: a tunnel lasts as long as somebody uses it.
    if (tunnel || this.switched) {
      this.call.settle();
      this.served?.ended(); // what it has become is no request that others wait behind
    }
    if (tunnel) return void (this.tunnel = joinHop(this, upstream, this.body, this.ports));
    if (this.body instanceof ReplayableBody) this.body.forget();
    passOn(this.exchange, head, upstream);
    if (upstream.body !== undefined && idleMsOf(this) < Number.POSITIVE_INFINITY) watchSoon(this);
  }

  /** A layer has refused it. */
  broken(error: unknown): void {
    this.refuse(error);
  }

  /** The mesh itself has no answer but this. */
  refuse(error: unknown): void {
    this.#refuse(error, undefined);
  }

  /** The answer broke off inside its body: the caller is told so. */
  bodyBroke(error: MeshError): void {
    if (this.#state !== "answering") return;
    if (this.attempt !== undefined) this.call.answered(this.attempt.outcome, this.nowMs());
    this.#breakOff(error, "endpoint");
  }

  /** What it failed with, for whatever reason; undefined: it did not. */
  get failure(): Error | undefined {
    return this.error ?? this.#leftBy;
  }

  /** The call was given up from above. What it waits for comes back with the reason. */
  cut(reason: unknown): void {
    if (this.#state === "answering") this.#giveUp(reason);
    for (let attempt = this.attempts; attempt !== undefined; attempt = attempt.next) attempt.cut(reason);
  }

  #giveUp(reason: unknown): void {
    const error = asMeshError(reason, this.call.service);
    if (this.tunnel === undefined) return this.#breakOff(error, "mesh");
    this.error = error;
    this.end = "mesh";
    this.tunnel.close(); // which ends the hop
  }

  // What the caller's exchange tells.

  left(_exchange: CallerExchange, why: string): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.end = "caller";
    this.#leftBy = new CallerLeft(why);
    this.call.cut(this.#leftBy);
    this.#close("caller");
  }

  answered(): void {
    this.attempt?.settle();
    this.#finish(this.end);
  }

  /** The listener ends: whoever still waits, or reads, is told so where that is possible. */
  closing(why: string): void {
    this.call.cut(new MeshError("CLOSED", why, { service: this.call.service }));
  }

  /** The byte tunnel that the exchange became has ended. */
  tunnelEnded(by: HopEnd): void {
    this.end = by;
    this.attempt?.tunnelEnded();
    this.#finish(by);
  }

  /** Begins to watch for an answer that falls silent. */
  watch(): void {
    if (this.#state === "answering") this.#watch = watchHop(this);
  }

  /** Nobody has used its streams, which have become another protocol's, for too long. */
  unused(): void {
    this.exchange.cut("cancel"); // first, for the reason that it gives
    this.attempt?.cut(new Error("nobody used it for too long"));
    this.end = "mesh";
    this.#finish("mesh");
  }

  /** @param attempt the one whose failure it is */
  #refuse(error: unknown, attempt: HopAttempt | undefined): void {
    if (this.#state !== "waiting") return;
    this.#state = "answering";
    this.error = asMeshError(error, this.call.service);
    this.end = "mesh";
    const asGrpc = this.grpc || this.ports.answersGrpc();
    // First: with the answer the hop may be over, and its line written.
    this.#grpcStatus = asGrpc ? grpcStatusOfError(this.error, attempt) : -1;
    answerError(this.exchange, this.error, this.#grpcStatus, this.retriesOver);
  }

  #breakOff(error: MeshError, by: HopEnd): void {
    this.error = error;
    this.end = by;
    this.#grpcStatus = endsWithStatus(this.exchange) ? grpcStatusOfError(error, this.attempt) : -1;
    breakOffAnswer(this.exchange, error, this.#grpcStatus, this.attempt);
    this.#finish(by);
  }

  #finish(by: HopEnd): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#close(by);
  }

  #close(by: HopEnd): void {
    if (this.body instanceof ReplayableBody) this.body.drop(undefined);
    this.#watch?.settle();
    // An answer that was complete with its head went out in the same tick.
    const { attempt } = this;
    this.endedMs =
      by === "complete" && attempt?.exchange?.text !== undefined && this.tunnel === undefined
        ? attempt.answeredMs
        : this.nowMs();
    this.call.finish(
      by === "complete" ? { kind: "complete", atMs: this.endedMs } : { kind: "cut", atMs: this.endedMs, by },
    );
    this.served?.ended();
    this.trace.ended(this.traced);
    this.ports.ended(this);
  }
}

function cutHop(reason: unknown, hop: Hop): void {
  hop.cut(reason);
}

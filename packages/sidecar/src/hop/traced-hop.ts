import type { Call, Decision, TracedAttempt, TracedCall, TracedRequest } from "@weft/core";
import { type RequestHead, SEEN } from "@weft/http";
import { flagsOfHop } from "../access-log/flags-of-hop.ts";
import type { Hop } from "./hop.ts";

/** A hop as those see it that trace calls: its request, and in the end what became of it. */
export class TracedHop implements TracedRequest, TracedCall {
  readonly #hop: Hop;

  constructor(hop: Hop) {
    this.#hop = hop;
  }

  // The request.

  get request(): TracedRequest {
    return this;
  }

  get side(): "outbound" | "inbound" {
    return this.#hop.listener.side;
  }

  /** The app behind an inbound listener has a name outside. */
  get service(): string {
    return this.#hop.listener.names ?? this.#hop.call.service;
  }

  get protocol(): "http" | "grpc" {
    return this.#hop.grpc ? "grpc" : "http";
  }

  get method(): string {
    return this.#hop.exchange.head.method;
  }

  get path(): string {
    return this.#hop.exchange.head.target;
  }

  get secure(): boolean {
    return this.#hop.listener.secure;
  }

  get version(): string {
    return this.#hop.exchange.head.version;
  }

  get peer(): string {
    return this.#hop.exchange.peer;
  }

  header(name: string): string | undefined {
    return traceHeader(this.#hop.exchange.head, name);
  }

  // What became of it.

  get call(): Call {
    return this.#hop.call;
  }

  get endedMs(): number {
    return this.#hop.endedMs;
  }

  get status(): number {
    return this.#hop.exchange.status;
  }

  get grpcStatus(): number {
    return this.#hop.grpcStatus;
  }

  get error(): unknown {
    return this.#hop.failure;
  }

  get attempts(): TracedAttempt | undefined {
    return this.#hop.attempts;
  }

  get balancer(): string {
    return this.#hop.ports.balancer();
  }

  get breaker(): TracedCall["breaker"] {
    return this.#hop.ports.breaker();
  }

  flags(decisions: readonly Decision[]): readonly string[] {
    return flagsOfHop(this.#hop, decisions);
  }

  decisions(): readonly Decision[] {
    return this.#hop.ports.decisions(this.#hop.call);
  }
}

/** A field of a request; those about traces are asked for with each call, and so are not looked for where none came. */
export function traceHeader(head: RequestHead, name: string): string | undefined {
  switch (name) {
    case "traceparent":
      return head.traceparent || undefined;
    case "tracestate":
      return (head.seen & SEEN.tracestate) === 0 ? undefined : head.get(name);
    case "baggage":
      return (head.seen & SEEN.baggage) === 0 ? undefined : head.get(name);
    case "b3":
    case "x-b3-traceid":
    case "x-b3-spanid":
    case "x-b3-parentspanid":
    case "x-b3-sampled":
    case "x-b3-flags":
      return (head.seen & SEEN.b3) === 0 ? undefined : head.get(name);
    default:
      return head.get(name);
  }
}

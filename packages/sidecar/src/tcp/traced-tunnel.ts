import type { Call, Decision, TracedAttempt, TracedCall, TracedRequest } from "@weft/core";
import type { TunnelCall, TunnelCaller } from "./tunnel-call.ts";
import { flagsOfTunnel } from "./tunnel-entry.ts";

/** A tunnel as those see it that remember and trace calls: who asked for it, and in the end what became of it. */
export class TracedTunnel implements TracedRequest, TracedCall {
  readonly #tunnel: TunnelCall;
  readonly #caller: TunnelCaller;

  constructor(tunnel: TunnelCall, caller: TunnelCaller) {
    this.#tunnel = tunnel;
    this.#caller = caller;
  }

  // The request.

  get request(): TracedRequest {
    return this;
  }

  get side(): "outbound" {
    return "outbound";
  }

  get service(): string {
    return this.call.service;
  }

  get protocol(): "tcp" {
    return "tcp";
  }

  get method(): string {
    return this.#caller.method;
  }

  /** It has none: bytes are for whoever they are for. */
  get path(): string {
    return "";
  }

  get secure(): boolean {
    return this.#caller.secure;
  }

  get version(): string {
    return this.#caller.version;
  }

  get peer(): string {
    return this.#caller.peer;
  }

  header(name: string): string | undefined {
    return this.#caller.header(name);
  }

  // What became of it.

  get call(): Call {
    return this.#tunnel.call;
  }

  get endedMs(): number {
    return this.#tunnel.endedMs;
  }

  get status(): number {
    return this.#caller.status;
  }

  get grpcStatus(): number {
    return -1;
  }

  get error(): unknown {
    return this.#tunnel.failure;
  }

  get attempts(): TracedAttempt | undefined {
    return this.#tunnel.attempts;
  }

  get balancer(): string {
    return this.#tunnel.runtime.cluster.balancer;
  }

  get breaker(): TracedCall["breaker"] {
    return this.#tunnel.runtime.breaker?.kind;
  }

  flags(): readonly string[] {
    return flagsOfTunnel(this.#tunnel);
  }

  decisions(): readonly Decision[] {
    const { number, startedMs } = this.call;
    return this.#tunnel.runtime.cluster.explain(number, startedMs);
  }
}

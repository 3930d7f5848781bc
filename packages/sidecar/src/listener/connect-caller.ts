import { type MeshError } from "@weft/core";
import { type CallerExchange, type ExchangeHooks, NO_FIELDS, SEEN } from "@weft/http";
import { hostOf } from "../hop/hashed-hop.ts";
import type { ListenerHandle } from "../hop/listener-handle.ts";
import { problemOf } from "../hop/problem.ts";
import { answerProblem } from "../hop/problem-answer.ts";
import { traceHeader } from "../hop/traced-hop.ts";
import type { CallObserver } from "../observe/call-observer.ts";
import type { AcceptedCaller, TunnelCall, TunnelCaller } from "../tcp/tunnel-call.ts";
import { entryOfTunnel } from "../tcp/tunnel-entry.ts";
import type { TunnelWay } from "../tcp/tunnel-way.ts";

/** A CONNECT: answered 200 when an endpoint of the service has taken a connection, and from then on a byte tunnel. */
export class ConnectCaller implements TunnelCaller, ExchangeHooks {
  readonly #exchange: CallerExchange;
  readonly #listener: ListenerHandle;
  readonly #observer: CallObserver;
  readonly #startedEpochMs: number;
  readonly method = "CONNECT";
  readonly peer: string;
  #tunnel: TunnelCall | undefined = undefined;

  constructor(exchange: CallerExchange, listener: ListenerHandle, observer: CallObserver) {
    this.#exchange = exchange;
    this.#listener = listener;
    this.#observer = observer;
    this.#startedEpochMs = observer.epochMs();
    this.peer = exchange.peer; // which a socket that has closed no longer knows
    exchange.hooks = this;
  }

  get address(): string {
    return hostOf(this.peer);
  }

  get version(): string {
    return this.#exchange.head.version;
  }

  get secure(): boolean {
    return this.#listener.secure;
  }

  get status(): number {
    return this.#exchange.status;
  }

  header(name: string): string | undefined {
    return traceHeader(this.#exchange.head, name);
  }

  /** Never throws; what comes of it is answered. */
  connect(way: TunnelWay): void {
    this.#tunnel = way.open(this, this.#listener.tunnelMs);
  }

  accept(): AcceptedCaller {
    const { socket, early } = this.#exchange.upgrade(200, "Connection Established", NO_FIELDS);
    return { socket, ...(early === undefined ? {} : { early }) };
  }

  refuse(error: MeshError): void {
    answerProblem(this.#exchange, problemOf(error));
  }

  ended(tunnel: TunnelCall): void {
    const { status, head } = this.#exchange;
    this.#listener.counters.callEnded(status, tunnel.endedMs - tunnel.call.startedMs);
    this.#observer.tunnelled(
      entryOfTunnel(tunnel, {
        listener: this.#listener.name,
        protocol: "CONNECT",
        method: head.method,
        authority: head.authority,
        status,
        peer: this.peer,
        requestId: (head.seen & SEEN.requestId) === 0 ? "" : (head.get("x-request-id") ?? ""),
        userAgent: (head.seen & SEEN.userAgent) === 0 ? "" : (head.get("user-agent") ?? ""),
        startedEpochMs: this.#startedEpochMs,
      }),
    );
  }

  /** The caller went while there was no tunnel yet. */
  left(_exchange: CallerExchange, why: string): void {
    this.#tunnel?.leave(why);
  }

  answered(): void {}
}

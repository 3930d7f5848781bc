import type { TlsOptions } from "node:tls";
import { addressText, type HttpListenerPolicy } from "@weft/config";
import type { Time } from "@weft/core";
import {
  type CallerExchange,
  HTTP2_LIMITS,
  type Http2Limits,
  HttpServer,
  type RefusedBytes,
  SERVER_LIMITS,
  type ServerLimits,
} from "@weft/http";
import type { Drainable } from "../consul/shut-down.ts";
import type { ListenerCounters } from "../metrics/listener-counters.ts";
import type { CutOff } from "../observe/cut-off.ts";
import { fullText, type TurnedAway } from "./turned-away.ts";

export interface HttpListenerPorts {
  readonly time: Time;
  readonly counters: ListenerCounters;
  /** Answers a request. */
  readonly handle: (exchange: CallerExchange) => void;
  /** What came was no request. */
  readonly refused: (bytes: RefusedBytes) => void;
  /** There is no TLS session with a caller. */
  readonly unsecured: (peer: string, why: string) => void;
  readonly turnedAway: TurnedAway;
  readonly cutOff: CutOff;
}

/** A listener of the policy for HTTP, with its counters. */
export class HttpListener implements Drainable {
  readonly name: string;
  readonly server: HttpServer;
  /** Where it accepts, once it does. */
  address = "";
  readonly #turnedAway: TurnedAway;
  readonly #cutOff: CutOff;

  /** @param tls what the policy's TLS comes to; undefined: plain TCP */
  constructor(policy: HttpListenerPolicy, tls: TlsOptions | undefined, ports: HttpListenerPorts) {
    const { time, counters, handle, turnedAway, cutOff } = ports;
    this.name = policy.name;
    this.#turnedAway = turnedAway;
    this.#cutOff = cutOff;
    this.server = new HttpServer({
      time,
      limits: serverLimits(policy),
      http2Limits: http2Limits(policy),
      http2Counts: counters.http2,
      ...(tls === undefined ? {} : { tls }),
      handle: (exchange) => {
        counters.callBegan();
        handle(exchange);
      },
      onRefused: (bytes) => {
        if (bytes.status === 408) counters.requestTimeouts++;
        else counters.protocolErrors++;
        cutOff.add(bytes);
        ports.refused(bytes);
      },
      onHandshakeFailed: (peer, why) => {
        counters.handshakesFailed++;
        ports.unsecured(peer, why);
      },
      onConnection: (what, socket) => {
        if (what === "refused") {
          counters.connectionsRefused++;
          turnedAway.add(socket, fullText(this.server.limits.maxConnections, this.server.draining));
        } else if (what === "opened") {
          counters.connections++;
          counters.connectionsActive++;
        } else {
          counters.connectionsActive--;
          counters.bytesReceived += socket.bytesRead;
          counters.bytesSent += socket.bytesWritten;
        }
      },
    });
  }

  /** @throws the system's error */
  async open(policy: HttpListenerPolicy): Promise<void> {
    const bound = await this.server.listen(policy.listen);
    this.address = "path" in policy.listen ? addressText(policy.listen) : bound;
  }

  stopAccepting(): void {
    this.server.stopAccepting();
  }

  async finish(graceMs: number): Promise<{ finished: number; cut: number }> {
    const { running } = this.server;
    const cut = await this.server.close(graceMs);
    this.#turnedAway.close();
    this.#cutOff.close();
    return { finished: Math.max(0, running - cut), cut };
  }

  /** Other certificates, for handshakes from now on. Only for one that was made with TLS. */
  renew(tls: TlsOptions): void {
    this.server.renewTls(tls);
  }

  /** Other limits, for connections and requests from now on. */
  configure(policy: HttpListenerPolicy): void {
    this.server.limits = serverLimits(policy);
    this.server.http2Limits = http2Limits(policy);
  }
}

function http2Limits({ limits }: HttpListenerPolicy): Http2Limits {
  return { ...HTTP2_LIMITS, maxStreams: limits.streams };
}

function serverLimits({ limits, timeouts, underscores }: HttpListenerPolicy): ServerLimits {
  return {
    ...SERVER_LIMITS,
    maxHeadBytes: limits.headBytes,
    maxFields: limits.fields,
    underscores,
    maxConnections: limits.connections,
    minBodyRate: limits.bodyBytesPerSecond,
    headMs: timeouts.headMs,
    idleMs: timeouts.idleMs,
    keepAliveMs: timeouts.keepAliveMs,
    stallMs: timeouts.bodyMs,
  };
}

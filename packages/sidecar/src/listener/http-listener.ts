import { addressText, type HttpListenerPolicy } from "@weft/config";
import type { Time } from "@weft/core";
import { HttpServer, type RefusedBytes, SERVER_LIMITS, type ServerExchange, type ServerLimits } from "@weft/http";
import type { Drainable } from "../consul/shut-down.ts";
import type { ListenerCounters } from "../metrics/listener-counters.ts";

export interface HttpListenerPorts {
  readonly time: Time;
  readonly counters: ListenerCounters;
  /** Answers a request. */
  readonly handle: (exchange: ServerExchange) => void;
  /** What came was no request. */
  readonly refused: (bytes: RefusedBytes) => void;
}

/** A listener of the policy for HTTP, with its counters. */
export class HttpListener implements Drainable {
  readonly name: string;
  readonly server: HttpServer;
  /** Where it accepts, once it does. */
  address = "";

  constructor(policy: HttpListenerPolicy, ports: HttpListenerPorts) {
    const { time, counters, handle } = ports;
    this.name = policy.name;
    this.server = new HttpServer({
      time,
      limits: serverLimits(policy),
      handle: (exchange) => {
        counters.callBegan();
        handle(exchange);
      },
      onRefused: (bytes) => {
        if (bytes.status === 408) counters.requestTimeouts++;
        else counters.protocolErrors++;
        ports.refused(bytes);
      },
      onConnection: (what, socket) => {
        if (what === "refused") counters.connectionsRefused++;
        else if (what === "opened") {
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
    return { finished: Math.max(0, running - cut), cut };
  }

  /** Other limits, for connections and requests from now on. */
  configure(policy: HttpListenerPolicy): void {
    this.server.limits = serverLimits(policy);
  }
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
    stallMs: timeouts.bodyMs,
  };
}

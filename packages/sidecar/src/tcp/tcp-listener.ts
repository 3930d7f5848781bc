import { createServer, type Server, type Socket } from "node:net";
import type { TcpPolicy } from "@weft/config";
import { MeshError } from "@weft/core";
import { resetSocket } from "@weft/http";
import type { Drainable } from "../consul/shut-down.ts";
import { fullText, type TurnedAway } from "../listener/turned-away.ts";
import { TcpCaller, type TcpCallerPorts } from "./tcp-caller.ts";

export interface TcpListenerPorts extends Omit<TcpCallerPorts, "name"> {
  readonly turnedAway: TurnedAway;
}

/**
 * A listener of the policy for TCP: each connection becomes a tunnel to an endpoint of its service.
 *
 * A connection that finds no endpoint is reset, and its line in the access log says why. Connections beyond the limit
 * are reset and counted, and share a line: whoever makes so many would fill the log.
 */
export class TcpListener implements Drainable {
  readonly name: string;
  /** Where it accepts, once it does: `host:port` with the real port, or the path. */
  address = "";
  readonly #server: Server;
  readonly #ports: TcpCallerPorts;
  readonly #turnedAway: TurnedAway;
  readonly #callers = new Set<TcpCaller>();
  readonly #over = (caller: TcpCaller): void => {
    this.#callers.delete(caller);
    this.#ports.counters.connectionsActive--;
    if (this.#callers.size === 0) this.#emptied?.resolve();
  };
  #policy: TcpPolicy;
  #accepting = true;
  #emptied: PromiseWithResolvers<void> | undefined = undefined;

  constructor(policy: TcpPolicy, ports: TcpListenerPorts) {
    this.name = policy.name;
    this.#policy = policy;
    this.#turnedAway = ports.turnedAway;
    this.#ports = { ...ports, name: policy.name };
    // Half-open: an end of the caller's is passed on, and not answered with our own.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Connections that have not ended. */
  get running(): number {
    return this.#callers.size;
  }

  /** @throws the system's error: EADDRINUSE, EACCES, ... */
  async open(): Promise<void> {
    const server = this.#server;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    server.listen(this.#policy.listen, resolve);
    await promise;
    server.off("error", reject);
    // Out of descriptors, for example: that connection is lost, the listener goes on.
    server.on("error", () => this.#ports.counters.connectionsRefused++);
    this.address = addressOf(server);
  }

  /** Another limit, idle time or PROXY protocol, for connections from now on. The address and the service stay. */
  configure(policy: TcpPolicy): void {
    this.#policy = policy;
  }

  stopAccepting(): void {
    if (!this.#accepting) return;
    this.#accepting = false;
    this.#server.close();
    this.#turnedAway.close();
  }

  async finish(graceMs: number): Promise<{ finished: number; cut: number }> {
    this.stopAccepting();
    const { size } = this.#callers;
    if (size === 0) return { finished: 0, cut: 0 };
    this.#emptied ??= Promise.withResolvers();
    let cut = 0;
    const cutRest = (): void => {
      cut = this.#callers.size;
      const reason = new MeshError("CLOSED", `${this.name}: the listener is closing, and the time to drain is over`);
      for (const caller of this.#callers) caller.cut(reason);
    };
    const disarm = graceMs > 0 ? this.#ports.time.after(graceMs, cutRest) : cutRest();
    await this.#emptied.promise;
    disarm?.();
    return { finished: size - cut, cut };
  }

  #accept(socket: Socket): void {
    const { counters } = this.#ports;
    if (this.#callers.size >= this.#policy.connections || !this.#accepting) {
      counters.connectionsRefused++;
      this.#turnedAway.add(socket, fullText(this.#policy.connections, !this.#accepting));
      socket.on("error", () => {}); // of nobody's interest
      resetSocket(socket);
      return;
    }
    counters.connections++;
    counters.connectionsActive++;
    const caller = new TcpCaller(socket, this.#policy, this.#ports, this.#over);
    this.#callers.add(caller);
    caller.begin();
  }
}

function addressOf(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === "string") return bound === null ? "" : `unix:${bound}`;
  return bound.family === "IPv6" ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`;
}

import type { Server, Socket } from "node:net";
import { authority, type Endpoint, endpoint, type Timer } from "@weft/core";
import { realTime } from "../real-time.ts";
import { waits } from "../waits.ts";
import {
  type Behaviour,
  checked,
  type ConnectionBehaviour,
  isConnectionBehaviour,
  type RequestBehaviour,
} from "./behaviour.ts";
import { Connection, type ConnectionPorts } from "./connection.ts";
import { listen } from "./listen.ts";
import type { SeenRequest } from "./read-request.ts";

/** What to do by default: always the same, or by the request. */
export type DefaultBehaviour = Behaviour | ((request: SeenRequest) => RequestBehaviour);

export interface FakeEndpointOptions {
  /** Its id as an endpoint, and the value of `x-fake-endpoint` in its answers. Default: `host:port`. */
  readonly name?: string;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** 1 to 65535. Default: a free one. */
  readonly port?: number;
  /** Default `{}`: 200 with an echo. */
  readonly behaviour?: DefaultBehaviour;
  /** Waits out `delayMs` and `keepAliveMs`. Default: the machine's own. */
  readonly timer?: Timer;
  /** Closes a connection that has been idle for so long, in ms. Default: never. */
  readonly keepAliveMs?: number;
  /** What `asEndpoint()` says beyond id, host and port: weight, tags, locality ... */
  readonly endpoint?: Partial<Endpoint>;
}

/**
 * An endpoint on a real socket that behaves, or misbehaves, as the test says, and writes down what it was sent.
 *
 * Every wait takes a signal; without one it ends at the latest with an Error when the endpoint is closed.
 */
export interface FakeEndpoint extends AsyncDisposable {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:20001` */
  readonly origin: string;
  /** Every request read to its end, in that order. */
  readonly requests: readonly SeenRequest[];
  /** Connections accepted so far. */
  readonly connections: number;
  readonly openConnections: number;
  /**
   * Changes the default, for requests and connections that come from now on.
   *
   * @throws RangeError for a kind or place that there is not. What a function returns is checked when it does: then the
   * client is answered 500, with the error
   */
  always(behaviour: DefaultBehaviour): void;
  /**
   * Queues behaviours, each for one request (or one connection: `hang`, `reset` at accept), before the default applies
   * again.
   *
   * @throws RangeError for a kind or place that there is not; then none of them is queued
   */
  next(...behaviours: readonly Behaviour[]): void;
  /** Resolves when `count` requests have been read, over the endpoint's whole life. */
  requestCount(count: number, signal?: AbortSignal): Promise<void>;
  /** Resolves when `count` connections (default 1) have been accepted, over the endpoint's whole life. */
  connected(count?: number, signal?: AbortSignal): Promise<void>;
  /** Resolves when no connection is open. */
  allClosed(signal?: AbortSignal): Promise<void>;
  /** Resolves when `count` requests (default 1) are stalled at once. */
  stalled(count?: number, signal?: AbortSignal): Promise<void>;
  /** Lets every stalled request go on. */
  release(): void;
  /** Closes the connections that wait for a next request, as a server does whose keep-alive time is up. */
  closeIdle(): void;
  /** Resets every connection. */
  resetAll(): void;
  /**
   * Stops listening: who connects is refused. Existing connections are reset, as when the process was killed, unless
   * they are kept. Resolves when that is so; does nothing when it refuses already.
   */
  refuse(options?: { readonly keepConnections?: boolean }): Promise<void>;
  /**
   * Listens again on the same port. Does nothing when it listens.
   *
   * @throws Error EADDRINUSE when another process has taken the port; Error when the endpoint is closed
   */
  comeBack(): Promise<void>;
  /** What a registry would say of it. */
  asEndpoint(): Endpoint;
  /** Ends everything: the listening, the connections, the delays, the waits. Calling it again does nothing. */
  close(): Promise<void>;
}

/**
 * Starts an endpoint that listens on loopback.
 *
 * @throws RangeError for a host, port, weight or behaviour that no endpoint can have; Error of the system when the
 * address cannot be had
 */
export async function fakeEndpoint(options: FakeEndpointOptions = {}): Promise<FakeEndpoint> {
  const { host = "127.0.0.1" } = options;
  // Says what is wrong with host, port or weight before anything is opened; 1 stands for the port not known yet.
  endpoint({ ...options.endpoint, host, port: options.port ?? 1 });
  const open = new Map<Socket, Connection>();
  const requests: SeenRequest[] = [];
  const requestQueue: RequestBehaviour[] = [];
  const connectionQueue: ConnectionBehaviour[] = [];
  const { until, check, end } = waits();
  let usual: DefaultBehaviour = checkedDefault(options.behaviour ?? {});
  let accepted = 0;
  let stalling = 0;
  let releases = 0;
  let closed = false;

  const ports: Omit<ConnectionPorts, "name"> = {
    timer: options.timer ?? realTime,
    keepAliveMs: options.keepAliveMs ?? Number.POSITIVE_INFINITY,
    accept(wire, connection) {
      const request = { ...wire, number: requests.length + 1, connection };
      requests.push(request);
      check();
      const behaviour = requestQueue.shift() ?? (typeof usual === "function" ? checked(usual(request)) : usual);
      return { request, behaviour };
    },
    async released(gone) {
      const before = releases;
      stalling++;
      check();
      try {
        await until("release", () => releases > before, gone);
      } finally {
        stalling--;
      }
    },
  };

  function onConnection(socket: Socket): void {
    const connection = new Connection(++accepted, socket, { ...ports, name });
    open.set(socket, connection);
    socket.once("close", () => {
      open.delete(socket);
      check();
    });
    const plain = typeof usual === "function" ? {} : usual;
    const behaviour = connectionQueue.shift() ?? plain;
    if (!isConnectionBehaviour(behaviour)) void connection.serve();
    else if (behaviour.kind === "hang") connection.hang();
    else connection.reset();
    check();
  }

  const first = await listen(host, options.port, onConnection);
  let server: Server | undefined = first.server;
  const { port } = first;
  const name = options.name ?? authority(host, port);

  async function refuse({ keepConnections = false } = {}): Promise<void> {
    server?.close(); // no longer listens from here on; the callback would wait for the connections
    server = undefined;
    if (keepConnections) return;
    resetAll();
    await until("reset of all connections", () => open.size === 0);
  }

  function resetAll(): void {
    for (const connection of open.values()) connection.reset();
  }

  async function close(): Promise<void> {
    await refuse();
    closed = true;
    end((what) => new Error(`endpoint ${name} was closed before this came: ${what}; ${summary()}`));
  }

  function summary(): string {
    return `it saw ${requests.length} requests on ${accepted} connections`;
  }

  return {
    name,
    host,
    port,
    origin: `http://${authority(host, port)}`,
    requests,
    get connections() {
      return accepted;
    },
    get openConnections() {
      return open.size;
    },
    always(behaviour) {
      usual = checkedDefault(behaviour);
    },
    next(...behaviours) {
      for (const behaviour of behaviours.map(checked)) {
        if (isConnectionBehaviour(behaviour)) connectionQueue.push(behaviour);
        else requestQueue.push(behaviour);
      }
    },
    requestCount: (count, signal) => until(`${count} requests`, () => requests.length >= count, signal),
    connected: (count = 1, signal) => until(`${count} connections`, () => accepted >= count, signal),
    allClosed: (signal) => until("no open connection", () => open.size === 0, signal),
    stalled: (count = 1, signal) => until(`${count} stalled requests`, () => stalling >= count, signal),
    release() {
      releases++;
      check();
    },
    closeIdle() {
      for (const connection of open.values()) connection.closeIfIdle();
    },
    resetAll,
    refuse,
    async comeBack() {
      if (closed) throw new Error(`endpoint ${name} is closed`);
      if (server !== undefined) return;
      const back = await listen(host, port, onConnection);
      if (closed) back.server.close();
      else server = back.server;
    },
    asEndpoint: () => endpoint({ ...options.endpoint, id: name, host, port }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What a function will say is checked when it does. */
function checkedDefault(behaviour: DefaultBehaviour): DefaultBehaviour {
  return typeof behaviour === "function" ? behaviour : checked(behaviour);
}

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { readRegistration } from "./agent/service-definition.ts";
import { LocalAgent } from "./agent/local-agent.ts";
import { type Fault, faultBook, type FaultScope } from "./faults.ts";
import { agentRoutes } from "./http/agent-routes.ts";
import { blockingReader } from "./http/blocking-reader.ts";
import { catalogRoutes } from "./http/catalog-routes.ts";
import { Fields } from "./http/decode.ts";
import { healthRoutes } from "./http/health-routes.ts";
import { kvRoutes } from "./http/kv-routes.ts";
import { serve } from "./http/serve.ts";
import { sessionRoutes } from "./http/session-routes.ts";
import type { World } from "./http/world.ts";
import { type Profile, VERSIONS } from "./profile.ts";
import { Catalog } from "./store/catalog.ts";
import { Kv } from "./store/kv.ts";
import { Ledger } from "./store/ledger.ts";
import type { Status } from "./store/rows.ts";
import { Sessions } from "./store/sessions.ts";
import { joinSelf } from "./store/join-self.ts";
import { type Random, systemRandom, systemTime, type Time } from "./time.ts";

/** How an agent starts. */
export interface AgentOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Whose behaviour to show. Default 1.21. */
  readonly profile?: Profile;
  /** Runs TTLs, intervals, waits and the reaper. Default: the machine's. */
  readonly time?: Time;
  readonly random?: Random;
  /** Default `dev`. */
  readonly nodeName?: string;
  /** Default `dc1`. */
  readonly datacenter?: string;
}

/** What can go wrong with an agent on cue. */
export interface AgentFaults {
  /** @returns lifts the fault */
  use(fault: Fault, scope?: FaultScope): () => void;
  /** Lifts all that `use` set. */
  clear(): void;
  /** Every index goes back, as after a restored snapshot; waiters return. */
  resetIndex(): void;
  /** The agent process restarts: services come back from disk, checks are critical until they report. */
  restart(): Promise<void>;
  /** The agent stops listening and drops every connection; what it knows stays. */
  goAway(): Promise<void>;
  /** It listens again, on the same port; once closed, it stays closed. */
  comeBack(): Promise<void>;
  /** While true, reads that were asked before answer as they did then, and nobody is woken. */
  freeze(frozen: boolean): void;
}

/** A running agent. */
export interface DevAgent extends AsyncDisposable {
  /** Such as `http://127.0.0.1:8500`. */
  readonly url: string;
  readonly port: number;
  readonly faults: AgentFaults;
  /** Registers a service as the HTTP API would. @throws Error with the API's text when it would refuse */
  register(service: object): void;
  deregister(serviceId: string): void;
  /** Reports on a TTL check. */
  report(checkId: string, status: Status, output?: string): void;
  /** Blocking reads that wait now. */
  waiting(): number;
  /** Ends waiters, checks and sockets. */
  close(): Promise<void>;
}

/**
 * Starts an agent in memory that speaks Consul's HTTP API.
 *
 * @throws whatever listening threw, such as EADDRINUSE
 */
export async function startAgent(options: AgentOptions = {}): Promise<DevAgent> {
  const {
    host = "127.0.0.1",
    profile = "1.21",
    time = systemTime,
    random = systemRandom,
    nodeName = "dev",
    datacenter = "dc1",
  } = options;
  const modern = profile !== "1.8";
  const ledger = new Ledger(time);
  const catalog = new Catalog(ledger);
  const agent = new LocalAgent(nodeName, catalog, time, random, modern);
  const nodeId = randomUUID();
  joinSelf(catalog, nodeName, nodeId, datacenter, VERSIONS[profile]);
  const world: World = {
    nodeName,
    nodeId,
    datacenter,
    profile,
    time,
    random,
    ledger,
    catalog,
    agent,
    read: blockingReader(ledger, random, datacenter, modern),
  };
  const kv = new Kv(ledger);
  const sessions = new Sessions(ledger, kv, time);
  const faults = faultBook();
  const routes = {
    ...agentRoutes(world),
    ...healthRoutes(world),
    ...catalogRoutes(world),
    ...kvRoutes(world, kv, sessions),
    ...sessionRoutes(world, sessions),
  };

  let stopping = new AbortController();
  const server = createServer((incoming, outgoing) => {
    void serve({ routes, faults, time, modern, stopping: stopping.signal }, incoming, outgoing);
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
  const hangUp = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    stopping.abort();
    server.closeAllConnections();
    await closed;
  };
  await listen(options.port ?? 0).catch((error: unknown) => {
    agent.close();
    throw error;
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  let closed = false;
  const comeBack = async (): Promise<void> => {
    if (server.listening || closed) return;
    stopping = new AbortController();
    await listen(port);
  };
  const close = async (): Promise<void> => {
    closed = true;
    agent.close();
    sessions.close();
    await hangUp();
  };

  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    faults: {
      use: faults.use,
      clear: faults.clear,
      resetIndex: () => ledger.reset(),
      async restart() {
        await hangUp();
        agent.restart();
        await comeBack();
      },
      goAway: hangUp,
      comeBack,
      freeze: (frozen) => ledger.freeze(frozen),
    },
    register(service) {
      const port = (id: string): number => agent.sidecarPort(id);
      agent.register(readRegistration(new Fields(service), modern, port), false);
    },
    deregister: (serviceId) => agent.deregister(serviceId),
    report: (checkId, status, output = "") => agent.beat(checkId, status, output),
    waiting: () => ledger.waiting,
    close,
    [Symbol.asyncDispose]: close,
  };
}

import {
  type Discovery,
  type Events,
  MeshError,
  type MeshEventName,
  type MeshEvents,
  meshEvents,
  type MeshListener,
  TimeoutQueues,
} from "@weft/core";
import { durationMs } from "@weft/config";
import { systemRandom, systemTime } from "@weft/discovery";
import { checkOptions } from "./check-options.ts";
import { MeshHttpAgent } from "./agent/mesh-http-agent.ts";
import { createFetch } from "./fetch/create-fetch.ts";
import { meshFetch } from "./mesh-fetch.ts";
import { install, uninstall } from "./install.ts";
import { interceptor } from "./interceptor.ts";
import { Destinations } from "./service/destinations.ts";
import { explain } from "./explain.ts";
import { MeshDispatcher } from "./mesh-dispatcher.ts";
import type { Mesh, MeshFetch, MeshService, ServiceStats } from "./mesh.ts";
import type { MeshOptions, NamesOf, ServicesInput, StaticRegistry } from "./mesh-options.ts";
import { Registry } from "./service/registry.ts";
import { PolicyBook } from "./service/policy-book.ts";
import { ServiceRuntime } from "./service/service-runtime.ts";
import { Agent } from "./undici.ts";

/**
 * Makes a mesh: learns endpoints, balances calls over them, retries, ejects, limits.
 *
 *   await using mesh = createMesh({ registry: { orders: ["10.0.0.1:80", "10.0.0.2:80"] } });
 *   const response = await mesh.fetch("http://orders/v1/7");
 *
 * A mesh with a watch on a registry keeps the process alive until it is closed.
 * Does no I/O before the first use of a service, but for those listed in `services` or a static `registry`: these are
 * watched from the start, so that the first call finds them known.
 *
 * @throws MeshError BAD_CONFIG that lists every mistake in the options
 */
export function createMesh<
  const Registered extends Discovery | StaticRegistry = Record<never, never>,
  const Services extends ServicesInput = Record<never, never>,
>(options: MeshOptions<Registered, Services> = {}): Mesh<NamesOf<Registered, Services>> {
  checkOptions({ ...options });
  const { time = systemTime, random = systemRandom, onEvent } = options;
  const policies = new PolicyBook(options);
  const events = onEvent === undefined ? meshEvents() : telling(meshEvents(), onEvent);
  const registry = new Registry(options, policies, { time, random, events });
  const timeouts = new TimeoutQueues(time);
  const builtinFetch = globalThis.fetch;
  const outside = new Agent();
  let calls = 0;
  const ports = {
    time,
    random,
    events,
    epochMs: Date.now,
    timeouts,
    tls: options.tls ?? {},
    breakers: options.breakers ?? {},
    readyMs: durationMs(options.readyTimeout ?? "5s"),
    nextCall: () => ++calls,
  };
  const services = new Map<string, ServiceRuntime>();
  let closing: Promise<void> | undefined;

  function runtime(name: string): ServiceRuntime {
    const known = services.get(name);
    if (known !== undefined) return known;
    const made = new ServiceRuntime(name, registry.watch(name), policies.of(name), ports);
    services.set(name, made);
    return made;
  }

  const destinations = new Destinations({
    suffix: options.suffix ?? ".mesh",
    registry,
    runtime,
    isClosed: () => closing !== undefined,
  });
  const dispatcher = new MeshDispatcher({
    destinationOf: (origin) => destinations.of(origin),
    outside,
    close: () => mesh.close(),
  });
  const agent = new MeshHttpAgent(destinations);
  const owns = (url: URL): boolean => destinations.owns(url);
  const fetch = meshFetch(dispatcher, (over) => createFetch({ dispatcher: over, builtinFetch, owns }));

  function known(name: string): ServiceRuntime {
    if (closing !== undefined) throw new MeshError("CLOSED", "the mesh was closed", { service: name, neverSent: true });
    if (!registry.knows(name)) throw destinations.unknown(name);
    return runtime(name);
  }

  const mesh: Mesh = {
    fetch,
    dispatcher,
    service: (name) => serviceOf(known(name), fetch),
    interceptor: () => interceptor(destinations),
    agent: () => agent,
    install: (wanted) => install(mesh, wanted),
    async ready(names = registry.names(), signal = undefined) {
      await Promise.all(names.map((name) => known(name).watch.ready(signal)));
    },
    configure(next) {
      policies.change(next.defaults, next.services);
      for (const [name, service] of services) service.configure(policies.of(name));
    },
    on: (name, listener) => disposable(events.on(name, listener)),
    stats: () => ({ services: Object.fromEntries([...services].map(([name, service]) => [name, statsOf(service)])) }),
    explain: ({ service, call, last }) => explain(known(service), statsOf(known(service)), call, last),
    close({ drainMs = 5_000 } = {}) {
      return (closing ??= closeAll(drainMs));
    },
    [Symbol.asyncDispose]: () => mesh.close(),
  };

  async function closeAll(drainMs: number): Promise<void> {
    uninstall(mesh);
    await Promise.all([...services.values()].map((service) => service.close(drainMs)));
    timeouts.close();
    agent.destroy();
    await Promise.all([registry.close(), outside.close()]);
  }

  // Those that are listed are watched from now on.
  for (const name of registry.names()) runtime(name);
  // The names were checked by the type of the caller's options; inside they are plain strings.
  return mesh as Mesh<NamesOf<Registered, Services>>;
}

function serviceOf(runtime: ServiceRuntime, fetch: MeshFetch): MeshService {
  const { name, cluster } = runtime;
  const missing = (id: string): MeshError =>
    new MeshError("NO_ENDPOINTS", `none has the id ${id}; known: ${ids(runtime)}`, { service: name });
  return {
    name,
    fetch: (path, init) => fetch(`http://${name}${path.startsWith("/") ? "" : "/"}${path}`, init),
    snapshot: () => statsOf(runtime),
    eject(id, forMs) {
      if (!cluster.eject(id, forMs)) throw missing(id);
    },
    restore(id) {
      if (!cluster.restore(id)) throw missing(id);
    },
  };
}

function ids(runtime: ServiceRuntime): string {
  const known = runtime.cluster.snapshot().endpoints.map(({ endpoint }) => endpoint.id);
  return known.length === 0 ? "none" : known.slice(0, 10).join(", ");
}

function statsOf(service: ServiceRuntime): ServiceStats {
  const { calls, connections, breaker, freshness, retriesLeft } = service;
  return {
    ...service.cluster.snapshot(),
    freshness,
    calls: { running: calls.running, most: calls.most },
    connections: { running: connections.running, most: connections.most },
    breaker,
    retriesLeft,
  };
}

/** The same events, each told to `onEvent` first. */
function telling(events: Events, onEvent: (name: MeshEventName, event: MeshEvents[MeshEventName]) => void): Events {
  return {
    wants: () => true,
    emit(name, event) {
      try {
        onEvent(name, event);
      } catch {
        // A listener's own trouble must not become the call's.
      }
      events.emit(name, event);
    },
    on: <Name extends MeshEventName>(name: Name, listener: MeshListener<Name>) => events.on(name, listener),
  };
}

function disposable(dispose: () => void): Disposable {
  return { [Symbol.dispose]: dispose };
}

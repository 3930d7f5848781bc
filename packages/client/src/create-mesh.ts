import { type Discovery, type Endpoint, MeshError, TimeoutQueues } from "@weft/core";
import { durationMs, type HealthQuestion } from "@weft/config";
import { systemRandom, systemTime } from "@weft/discovery";
import {
  CallLog,
  type CallsExplanation,
  ejectByHand,
  explain,
  type Explanation,
  explainTrace,
  explainTroubled,
  firstAnswer,
  firstAnswerBefore,
  homeEvents,
  Peers,
  PolicyBook,
  Registry,
  type Remembered,
  restoreByHand,
  selfOf,
  type ServiceRuntime,
  type StaticRegistry,
  statsOf,
  type TraceExplanation,
} from "@weft/runtime";
import { checkEvent, checkGiven, checkOptions, drainMsOf } from "./check-options.ts";
import { MeshHttpAgent } from "./agent/mesh-http-agent.ts";
import { createFetch } from "./fetch/create-fetch.ts";
import { meshFetch } from "./mesh-fetch.ts";
import { install, uninstall } from "./install.ts";
import { interceptor } from "./interceptor.ts";
import { Destinations } from "./service/destinations.ts";
import { MeshDispatcher } from "./mesh-dispatcher.ts";
import type { FailedQuestion, Mesh, MeshFetch, MeshService, ServiceQuestion, TraceQuestion } from "./mesh.ts";
import type { MeshOptions, NamesOf, ServicesInput } from "./mesh-options.ts";
import { sdkPolicy, warn } from "./service/sdk-policy.ts";
import { probeEndpoint } from "./probe/probe-endpoint.ts";
import { ServiceClient } from "./service/service-client.ts";
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
  const policies = new PolicyBook(sdkPolicy(options), "sdk");
  const events = homeEvents(onEvent);
  const registry = new Registry(options, policies, { time, random, events });
  const peers = new Peers((service) => registry.watch(service));
  peers.identify(selfOf(policies.policy));
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
    peers,
    tls: options.tls ?? {},
    tracing: options.telemetry?.tracing,
    breakers: options.breakers ?? {},
    readyMs: durationMs(options.readyTimeout ?? "5s"),
    nextCall: () => ++calls,
    calls: new CallLog(),
    probe: (endpoint: Endpoint, question: HealthQuestion, service: string, signal: AbortSignal) =>
      probeEndpoint(endpoint, question, service, outside, signal),
    canAsk: ({ kind }: HealthQuestion) => kind !== "grpc", // which needs HTTP/2
  };
  const clients = new Map<string, ServiceClient>();
  let closing: Promise<void> | undefined;

  function client(name: string): ServiceClient {
    const known = clients.get(name);
    if (known !== undefined) return known;
    const made = new ServiceClient(name, registry.watch(name), policies.of(name), ports);
    clients.set(name, made);
    return made;
  }

  const destinations = new Destinations({
    suffix: options.suffix ?? ".mesh",
    registry,
    client,
    isClosed: () => closing !== undefined,
  });
  const dispatcher = new MeshDispatcher({
    destinationOf: (origin) => destinations.of(origin),
    outside,
    close: (how) => mesh.close(how),
  });
  for (const name of Object.keys(ports.breakers)) {
    // Which `configure` may still add.
    if (!registry.knows(name))
      process.emitWarning(`breakers: ${destinations.unknown(name).message}`, "WeftPolicyWarning");
  }
  const agent = new MeshHttpAgent(destinations);
  const owns = (url: URL): boolean => destinations.owns(url);
  const fetch = meshFetch(dispatcher, (over) => createFetch({ dispatcher: over, builtinFetch, owns }));

  function known(name: string): ServiceRuntime {
    if (closing !== undefined) throw new MeshError("CLOSED", "the mesh was closed", { service: name, neverSent: true });
    if (!registry.knows(name)) throw destinations.unknown(name);
    return client(name).runtime;
  }

  function explained(about: ServiceQuestion): Explanation;
  function explained(about: TraceQuestion): TraceExplanation;
  function explained(about: FailedQuestion): CallsExplanation;
  function explained(about: ServiceQuestion | TraceQuestion | FailedQuestion): Explanation | CallsExplanation {
    checkGiven("explain", about);
    const remembered: Remembered = {
      calls: ports.calls,
      nowMs: time.nowMs(),
      decisionsOf: (service, call) => clients.get(service)?.runtime.cluster.explain(call) ?? [],
    };
    if ("failed" in about) {
      if (about.service !== undefined) known(about.service);
      return explainTroubled(remembered, Math.max(1, about.last ?? 20), about.service);
    }
    return "trace" in about
      ? explainTrace(about.trace, remembered)
      : explain(known(about.service), about.call, about.last);
  }

  const mesh: Mesh = {
    fetch,
    dispatcher,
    service: (name) => serviceOf(known(name), fetch),
    interceptor: () => interceptor(destinations),
    agent: () => agent,
    install(wanted = {}) {
      checkGiven("install", wanted);
      return install(mesh, wanted);
    },
    async ready(names = registry.names(), signal = undefined) {
      const answer = ({ watch, name }: ServiceRuntime) =>
        signal === undefined ? firstAnswer(watch, name, ports) : firstAnswerBefore(watch, name, signal);
      await Promise.all(names.map(known).map(answer));
    },
    configure(next) {
      checkGiven("configure", next);
      warn(policies.change(next.defaults, next.services));
      for (const [name, { runtime }] of clients) runtime.configure(policies.of(name));
    },
    on(name, listener) {
      checkEvent(name);
      return disposable(events.on(name, listener));
    },
    stats: () => ({
      services: Object.fromEntries([...clients].map(([name, { runtime }]) => [name, statsOf(runtime)])),
    }),
    explain: explained,
    async close(given = {}) {
      const drainMs = drainMsOf(given);
      if (closing !== undefined) for (const { runtime } of clients.values()) void runtime.close(drainMs);
      await (closing ??= closeAll(drainMs));
    },
    [Symbol.asyncDispose]: () => mesh.close(),
  };

  const stopObserving = options.telemetry?.observe?.({
    on: (name, listener) => events.on(name, listener),
    services: () => [...clients.values()].map(({ runtime }) => statsOf(runtime)),
  });

  async function closeAll(drainMs: number): Promise<void> {
    uninstall(mesh);
    await Promise.all([...clients.values()].map((each) => each.close(drainMs)));
    peers.close();
    stopObserving?.();
    timeouts.close();
    agent.destroy();
    await Promise.all([registry.close(), outside.close()]);
  }

  // Those that are listed are watched from now on.
  for (const name of registry.names()) client(name);
  // The names were checked by the type of the caller's options; inside they are plain strings.
  return mesh as Mesh<NamesOf<Registered, Services>>;
}

function serviceOf(runtime: ServiceRuntime, fetch: MeshFetch): MeshService {
  const { name } = runtime;
  return {
    name,
    fetch(path, init) {
      if (typeof path !== "string") return Promise.reject(new TypeError(`${name}.fetch: ${String(path)} is no path`));
      return fetch(`http://${name}${path.startsWith("/") ? "" : "/"}${path}`, init);
    },
    snapshot: () => statsOf(runtime),
    eject: (id, forMs) => ejectByHand(runtime, id, forMs),
    restore: (id) => restoreByHand(runtime, id),
  };
}

function disposable(dispose: () => void): Disposable {
  return { [Symbol.dispose]: dispose };
}

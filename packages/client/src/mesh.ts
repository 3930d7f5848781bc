import type { MeshEventName, MeshListener, ServiceStats } from "@weft/core";
import type { ServiceDefaultsInput } from "@weft/config";
import type { CallsExplanation, Explanation, TraceExplanation } from "@weft/runtime";
import type { MeshHttpAgent } from "./agent/mesh-http-agent.ts";
import type { MeshDispatcher } from "./mesh-dispatcher.ts";
import type { ServicesInput } from "./mesh-options.ts";
import type { CallOptions } from "./service/call-options.ts";
import type { Dispatcher } from "./undici.ts";

/** `fetch`'s second argument, and what this one call asks of the mesh. */
export interface MeshRequestInit extends RequestInit {
  readonly mesh?: CallOptions;
}

/** A drop-in for `fetch`: to services of the mesh balanced, to all others as before. */
export type MeshFetch = (input: string | URL | Request, init?: MeshRequestInit) => Promise<Response>;

/**
 * A balanced way to a set of services. Made by `createMesh`, ended by `close` or `await using`.
 *
 * @typeParam Name the services' names: any other is a compile error
 */
export interface Mesh<Name extends string = string> extends AsyncDisposable {
  /** `mesh.fetch("http://orders/v1/7")`. May be passed around like `fetch` itself. */
  readonly fetch: MeshFetch;
  /** For undici: `request(url, { dispatcher: mesh.dispatcher })`, `fetch`, `stream`, `pipeline`, WebSocket. */
  readonly dispatcher: MeshDispatcher;
  /** One service by name. @throws MeshError UNKNOWN_SERVICE */
  service(name: Name): MeshService;
  /** For `agent.compose(mesh.interceptor())`: picks, judges and repeats, and sends through the agent it is put on. */
  interceptor(): Dispatcher.DispatcherComposeInterceptor;
  /** For node:http, axios and got: `http.get({ host: "orders", agent: mesh.agent() })`. */
  agent(): MeshHttpAgent;
  /**
   * Makes the whole process use the mesh, until disposed or closed.
   *
   * @throws MeshError BAD_CONFIG for options that are none
   */
  install(options?: InstallOptions): Disposable;
  /**
   * Resolves when the registry has answered for these services; all that are listed by default. An empty answer counts.
   *
   * @param signal how long to wait, such as `AbortSignal.timeout(60_000)`. Default: as long as a call, `readyTimeout`
   * @throws MeshError NOT_READY when it has not in time, with the service, its registry, and what that said last; the
   * signal's reason when it aborts for another reason than time
   */
  ready(names?: readonly Name[], signal?: AbortSignal): Promise<void>;
  /**
   * Changes policies while calls run: measurements, ejections and connections stay. What is not named keeps its policy.
   *
   * @throws MeshError BAD_CONFIG that lists every mistake; then nothing has changed
   */
  configure(next: { readonly defaults?: ServiceDefaultsInput; readonly services?: ServicesInput }): void;
  /**
   * Returns the way to stop listening. What a listener throws harms no call: it is a process warning,
   * `WeftListenerWarning`, once for each event.
   *
   * @throws MeshError BAD_CONFIG when there is no such event
   */
  on<Event extends MeshEventName>(name: Event, listener: MeshListener<Event>): Disposable;
  stats(): MeshStats;
  /** What was decided about a service's calls, and by which rules. Takes no permit and moves no counter. */
  explain(about: ServiceQuestion<Name>): Explanation;
  /**
   * Why the calls of a trace went as they did, over all services, as long as they are remembered: the last 4,096 calls, and
   * 1,024 that failed or were tried more than once. Needs `telemetry`: without it, calls are in no trace.
   *
   * @throws RangeError when it is no trace id
   */
  explain(about: TraceQuestion): TraceExplanation;
  /**
   * Why calls failed, or took more than one attempt, over all services or in one, as long as they are remembered.
   *
   * @throws MeshError UNKNOWN_SERVICE
   */
  explain(about: FailedQuestion<Name>): CallsExplanation;
  /**
   * Takes no new call, lets those that run end for `drainMs` (default 5,000), cuts the rest. Then no handle is open. Asked
   * for again with less patience, it cuts earlier.
   *
   * Rejects with MeshError BAD_CONFIG for options that are none: then nothing has changed.
   */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

export interface ServiceQuestion<Name extends string = string> {
  readonly service: Name;
  /** Only this call, by its number. */
  readonly call?: number;
  /** At most so many decisions, the newest, >= 1; default 20. */
  readonly last?: number;
}

export interface FailedQuestion<Name extends string = string> {
  readonly failed: true;
  /** Only its calls. */
  readonly service?: Name;
  /** At most so many calls, the newest, >= 1; default 20. */
  readonly last?: number;
}

export interface TraceQuestion {
  /** 32 hexadecimal digits. */
  readonly trace: string;
}

export interface MeshService {
  readonly name: string;
  /** `fetch("/v1/7")`: the path instead of a URL. */
  fetch(path: string, init?: MeshRequestInit): Promise<Response>;
  snapshot(): ServiceStats;
  /** Takes an endpoint out of traffic. @throws MeshError NO_ENDPOINTS when there is none with this id */
  eject(id: string, forMs: number): void;
  /** Gives it its traffic back. @throws MeshError NO_ENDPOINTS when there is none with this id */
  restore(id: string): void;
}

export interface InstallOptions {
  /** Replaces `globalThis.fetch`. Default true. */
  readonly fetch?: boolean;
  /** Becomes undici's global dispatcher, which the built-in fetch and WebSocket use too. Default true. */
  readonly dispatcher?: boolean;
  /** Becomes `http.globalAgent`: reaches node:http, axios and got. Default true. */
  readonly httpAgent?: boolean;
}

export interface MeshStats {
  readonly services: Readonly<Record<string, ServiceStats>>;
}

import type { HealthQuestion } from "@weft/config";
import {
  type Call,
  type Endpoint,
  type Importance,
  meshEvents,
  type OngoingCall,
  type ProbeResult,
  type Random,
  type Service,
  tell,
  TimeoutQueues,
  type Watch,
} from "@weft/core";
import { type Attempts, CallLog, callStack, type Paths, type RuntimePorts, ServiceRuntime } from "@weft/runtime";
import type { NamedPolicy } from "../scenario/scenario.ts";
import type { Tally } from "../measure/tally.ts";
import type { ObservingPicker } from "../rules/finagle-peak-ewma.ts";
import { ruleOf } from "../rules/rule-of.ts";
import type { VirtualTime } from "../time/virtual-time.ts";
import type { SimulatedEndpoint } from "../world/simulated-endpoint.ts";
import { probeEndpoint } from "../world/probe-endpoint.ts";
import { KeyedRequests } from "./keyed-requests.ts";
import { cutAttempt, SimulatedAttempt } from "./simulated-attempt.ts";
import { SimulatedCall } from "./simulated-call.ts";

/** The one service that is called. */
export const SERVICE = "simulated";

/** What the clients of one run share. */
export interface ClientPorts {
  readonly time: VirtualTime;
  readonly tally: Tally;
  readonly endpoints: ReadonlyMap<string, SimulatedEndpoint>;
  readonly nextCall: () => number;
  /** By key: the token of its caller's session, as that caller's cookie has it. */
  readonly cookies: Map<number, string>;
}

/**
 * A home like the SDK and the sidecar: the same runtime, the same layers, and a transport that asks simulated
 * endpoints. What it has measured, ejected and spent is its own.
 */
export class SimulatedClient {
  readonly time: VirtualTime;
  readonly tally: Tally;
  /** The rule of another mesh that is told how attempts end; usually there is none. */
  readonly observing: ObservingPicker | undefined;
  readonly #runtime: ServiceRuntime;
  readonly #timeouts: TimeoutQueues;
  readonly #way: Paths<Service<SimulatedCall, SimulatedAttempt>>;
  readonly #requests: KeyedRequests;
  readonly #endpoints: ReadonlyMap<string, SimulatedEndpoint>;
  readonly #cookies: Map<number, string>;

  constructor({ policy, rule }: NamedPolicy, watch: Watch, random: Random, ports: ClientPorts) {
    const { time, tally, endpoints, nextCall, cookies } = ports;
    this.time = time;
    this.tally = tally;
    this.#endpoints = endpoints;
    this.#cookies = cookies;
    this.#requests = new KeyedRequests(policy);
    this.#timeouts = new TimeoutQueues(time);
    const events = meshEvents();
    tally.listen(events);
    const runtimePorts: RuntimePorts = {
      time,
      random,
      events,
      timeouts: this.#timeouts,
      probe: (endpoint, question, _service, signal) => this.#probe(endpoint, question, signal),
      readyMs: 0,
      nextCall,
      decisions: 1, // nobody asks for them: the one that is being noted
      calls: NO_CALLS,
    };
    this.#runtime = new ServiceRuntime(SERVICE, watch, policy, runtimePorts);
    const picker = rule && ruleOf(rule);
    if (picker !== undefined) this.#runtime.cluster.configure({ picker });
    this.observing = picker !== undefined && "observed" in picker ? picker : undefined;
    this.#way = this.#runtime.paths((way, parts) => {
      return callStack<SimulatedCall, SimulatedAttempt>(way, parts, ATTEMPTS, (exchange, call) =>
        this.#send(exchange, call),
      );
    });
  }

  /** Whether the policy looks at what key a call brings. */
  get keyed(): boolean {
    return this.#runtime.hashKeys !== undefined || this.#runtime.sessions !== undefined;
  }

  /** A call arrives. @param key which of the scenario's keys it brings; undefined where nobody looks */
  call(key: number | undefined, importance: Importance): void {
    const runtime = this.#runtime;
    const call = new SimulatedCall(this, runtime.newCall(true), key, importance);
    if (key !== undefined) this.#know(call.call, key);
    runtime.running.add(call);
    const way = this.#way.unruled ?? this.#way.of(REQUEST);
    tell(way(call, call.call), call);
    // Refused by a layer: it says so in a promise.
    if (!call.over && call.call.attempt === 0) this.time.unsettled = true;
  }

  /** The call has its answer: its caller keeps the cookie that comes with it. */
  answered({ call, key }: SimulatedCall, { endpoint, outcome }: SimulatedAttempt): void {
    const { sessions } = this.#runtime;
    if (key === undefined || sessions === undefined || outcome.kind !== "success") return;
    if (sessions.answered(call, endpoint, outcome) !== "") this.#cookies.set(key, sessions.rules.tokenOf(endpoint));
  }

  ended(call: SimulatedCall, answered: boolean): void {
    const atMs = this.time.now;
    call.call.finish(answered ? { kind: "complete", atMs } : { kind: "cut", atMs, by: "mesh" });
    this.#runtime.running.delete(call);
  }

  /** Cuts what still runs. */
  async close(): Promise<void> {
    await this.#runtime.close(0, "the simulation is over");
    this.#timeouts.close();
  }

  /** What the policy looks at of the call's caller. */
  #know(call: OngoingCall, key: number): void {
    const { hashKeys, sessions } = this.#runtime;
    if (hashKeys !== undefined) call.hash = hashKeys.of(this.#requests.of(key));
    if (sessions !== undefined) call.session = this.#cookies.get(key) ?? "";
  }

  #send(exchange: SimulatedCall, call: Call): PromiseLike<SimulatedAttempt> {
    const lease = call.lease!; // the pick layer, further out, has just put it there
    call.lease = undefined;
    const endpoint = this.#simulated(lease.endpoint);
    const attempt = new SimulatedAttempt(this, exchange, lease, endpoint);
    lease.onCut(cutAttempt, attempt);
    call.onCut(cutAttempt, attempt);
    this.tally.attemptBegan(endpoint.index);
    if (exchange.key !== undefined && call.attempt === 1) this.tally.keyWent(exchange.key, endpoint.index);
    endpoint.receive(attempt);
    return attempt.done;
  }

  #probe(endpoint: Endpoint, question: HealthQuestion, signal: AbortSignal): Promise<ProbeResult> {
    return probeEndpoint(this.#simulated(endpoint), question, this.time, signal);
  }

  #simulated({ id }: Endpoint): SimulatedEndpoint {
    return this.#endpoints.get(id)!; // the registry knows no others
  }
}

const ATTEMPTS: Attempts<SimulatedCall, SimulatedAttempt> = {
  resultOf: ({ result }) => result,
  resultOfError: () => undefined,
  repeatable: () => true,
  hedgeable: () => true,
  importanceOf: ({ importance }) => importance,
  discard: () => {}, // its lease was given back when it ended
};

/** Nobody asks which calls were the last. */
const NO_CALLS = new CallLog(1, 1);

/** What rules of a policy look at. Every call of a simulation is alike. */
const REQUEST = { method: "GET", path: "/", header: () => undefined };

import { isDeepStrictEqual } from "node:util";
import type { CallPolicy, ServicePolicy } from "@weft/config";
import {
  BalancedCluster,
  type BreakerState,
  type ConcurrencyLimit,
  DecisionLog,
  type Endpoint,
  type Events,
  type Freshness,
  hasFailed,
  MeshError,
  OngoingCall,
  type RetryCap,
  type Time,
  type Watch,
  type ZonePreference,
} from "@weft/core";
import type { LoggedCall, Side } from "../call/call-ring.ts";
import type { StackParts } from "../call/call-stack.ts";
import { type HashKeys, hashKeysOf } from "../call/hash-key.ts";
import { reportEnd } from "../call/report-end.ts";
import { goesByReports } from "../call/report-load.ts";
import { StickySessions } from "../call/sticky-sessions.ts";
import { RunningCalls } from "../call/running-calls.ts";
import { ActiveChecks } from "./active-checks.ts";
import { clusterPolicy } from "./cluster-policy.ts";
import { type Hedgings, hedgingsOf } from "./hedgings.ts";
import { type RouteLimits, routeLimitsOf } from "./route-limits.ts";
import { type Paths, RulePaths } from "./rule-paths.ts";
import type { RuntimePorts } from "./runtime-ports.ts";
import { ServiceBreaker } from "./service-breaker.ts";
import { ServiceLimits } from "./service-limits.ts";
import { ServiceRetries } from "./service-retries.ts";
import { UsedEndpoints } from "./used-endpoints.ts";

/**
 * One service as its callers see it, whatever carries their calls: endpoints, rules, limits, and what was measured.
 *
 * A home builds its ways on it with `paths`, and per call does six things: takes the way, makes the call with `newCall`,
 * sets its hash when there are `hashKeys` and its session when there are `sessions`, adds the exchange to `running`, fails
 * it with `closedError` when `closed`, or else gives it to the way. With the answer it tells the caller what
 * `sessions.answered` says.
 */
export class ServiceRuntime {
  readonly name: string;
  readonly watch: Watch;
  readonly cluster: BalancedCluster;
  /** `limits.calls` */
  readonly calls: ConcurrencyLimit;
  /** `limits.connections`, over all endpoints. The home's pools take from it and give back. */
  readonly connections: ConcurrencyLimit;
  readonly running: RunningCalls = new RunningCalls();

  readonly #ports: RuntimePorts;
  readonly #breaker: ServiceBreaker;
  readonly #limits: ServiceLimits;
  readonly #retries: ServiceRetries;
  readonly #paths: { rebuild(policy: ServicePolicy): void }[] = [];
  readonly #checks: ActiveChecks;
  readonly #used: UsedEndpoints;
  readonly #stopFollowing: () => void;
  readonly #stopPeers: (() => void) | undefined;
  #policy: ServicePolicy;
  #hashKeys: HashKeys | undefined;
  #sessions: StickySessions | undefined;
  #zones: ZonePreference | undefined;
  #hedgings: Hedgings;
  #routes: RouteLimits;
  #closed = false;
  #closedWhy = "";

  constructor(name: string, watch: Watch, policy: ServicePolicy, ports: RuntimePorts) {
    const { time, random, events, peers } = ports;
    this.name = name;
    this.watch = watch;
    this.#policy = policy;
    this.#hashKeys = hashKeysOf(policy, random);
    this.#sessions = this.#sessionsOf(policy, events);
    this.#used = new UsedEndpoints(watch, policy, ports);
    this.#ports = ports;
    this.#stopPeers = peers?.follow(() => this.#peersChanged());
    const rules = clusterPolicy(policy, this.#sessions, peers?.view, random);
    this.#zones = rules.grouping.zones;
    const decisions = new DecisionLog(ports.decisions);
    this.cluster = new BalancedCluster({ service: name, clock: time, random, events, policy: rules, decisions });
    this.#limits = new ServiceLimits(policy, random);
    this.calls = this.#limits.calls;
    this.connections = this.#limits.connections;
    this.#breaker = new ServiceBreaker(name, policy, ports);
    this.#retries = new ServiceRetries(policy, this.calls);
    this.#hedgings = hedgingsOf(policy);
    this.#routes = routeLimitsOf(policy, random);
    this.#checks = new ActiveChecks(name, this.cluster, ports);
    this.#stopFollowing = this.onMembership((endpoints) => {
      this.cluster.update(endpoints, this.watch.membership.leftOut);
      this.#checks.follow(endpoints);
    });
    this.#checks.configure(policy.health);
  }

  get policy(): ServicePolicy {
    return this.#policy;
  }

  /** Undefined: the service has none. */
  get breaker(): BreakerState | undefined {
    return this.#breaker.breaker?.state;
  }

  /** Makes of a request what the balancer goes by; undefined: it does not hash. */
  get hashKeys(): HashKeys | undefined {
    return this.#hashKeys;
  }

  /** Knows from a request's cookie which session it belongs to; undefined: nobody keeps sessions. */
  get sessions(): StickySessions | undefined {
    return this.#sessions;
  }

  /** Which of the endpoints that the registry knows are used, and why, in words; undefined: all. */
  get subset(): string | undefined {
    return this.#used.why;
  }

  /** Retries left in the budget; undefined when the service has none. */
  get retriesLeft(): number | undefined {
    return this.#policy.retry && this.#retries.budget.remaining(this.#ports.time.nowMs());
  }

  /** Retries under way, and how many may be; undefined when the service has none. */
  get retries(): Pick<RetryCap, "running" | "most"> | undefined {
    return this.#policy.retry && this.#retries.cap;
  }

  /** Whether an answer is looked at for what its endpoint reports of its load: what nobody asks for is not read. */
  get goesByReports(): boolean {
    return goesByReports(this.#policy);
  }

  /** Takes no new call. */
  get closed(): boolean {
    return this.#closed;
  }

  get freshness(): Freshness {
    return this.watch.membership.freshness;
  }

  get time(): Time {
    return this.#ports.time;
  }

  /**
   * One way through the service for its policy and for each rule, built anew whenever the policy changes.
   *
   * @param build makes a way out of a policy and its parts: usually a `callStack` around the home's transport, beside
   *   what its exchanges need. Called at once
   */
  paths<Path>(build: (policy: CallPolicy, parts: StackParts) => Path): Paths<Path> {
    const made = new RulePaths(this.#policy, (policy) => build(policy, this.#parts(policy)));
    this.#paths.push(made);
    return made;
  }

  /**
   * Tells the endpoints that are used with each change, and at once when there are any known. The cluster knows them
   * already then.
   *
   * @returns the way to stop it; it ends with the service, too
   */
  onMembership(listener: (endpoints: readonly Endpoint[]) => void): () => void {
    return this.#used.follow(listener);
  }

  /** Changes the rules for calls from now on; measurements, ejections and connections stay. */
  configure(policy: ServicePolicy): void {
    const before = this.#policy;
    if (isDeepStrictEqual(before, policy)) return;
    this.#policy = policy;
    this.#sessions = this.#sessionsOf(policy, this.#ports.events);
    const { picker, grouping, ...rules } = clusterPolicy(
      policy,
      this.#sessions,
      this.#ports.peers?.view,
      this.#ports.random,
    );
    const balances = isDeepStrictEqual(balancingOf(before), balancingOf(policy));
    const groups = balances && isDeepStrictEqual(this.#zones, grouping.zones);
    this.#zones = grouping.zones;
    this.cluster.configure({ ...rules, ...(!balances && { picker }), ...(!groups && { grouping }) });
    this.#hashKeys = hashKeysOf(policy, this.#ports.random);
    this.#limits.configure(before, policy);
    this.#breaker.configure(before, policy);
    this.#retries.configure(before, policy);
    this.#hedgings = hedgingsOf(policy, before, this.#hedgings);
    this.#routes = routeLimitsOf(policy, this.#ports.random, before, this.#routes);
    if (!this.#closed) this.#checks.configure(policy.health);
    this.#used.configure(policy);
    for (const paths of this.#paths) paths.rebuild(policy);
  }

  /** Begins a call. Who does so ends it with `finish`. @param startedMs on the policy clock; absent: now */
  newCall(idempotent: boolean, startedMs: number = this.#ports.time.nowMs()): OngoingCall {
    return new OngoingCall(this.#ports.nextCall(), this.name, startedMs, idempotent);
  }

  /**
   * A call has ended, its last lease with it: it is remembered, and reported.
   *
   * @param endpoint id of the endpoint whose answer it got; undefined: it got none
   * @param traceId "" when it is in no trace
   * @returns whether it failed
   */
  ended(of: LoggedCall, side: Side, endpoint: string | undefined, traceId: string): boolean {
    const { calls, events } = this.#ports;
    const { number, begun } = of.call;
    const at = endpoint ?? begun?.endpoint.id;
    const failed = hasFailed(of);
    if (calls.ended(of, side, at ?? "", traceId, failed)) this.cluster.decisions.keep(number);
    if (events.wants("call.ended")) reportEnd(events, of, endpoint, failed);
    return failed;
  }

  /** The error for a call that finds `limits.connections` reached. */
  noConnection(): MeshError {
    const { name, most } = this.connections;
    this.#ports.events.emit("limit.reached", { service: this.name, limit: name, value: most });
    return new MeshError("OVERLOADED", `${name}: all ${most} are in use; raise it or send fewer at once`, {
      service: this.name,
      neverSent: true,
    });
  }

  /**
   * Ends the watch and takes no new call; cuts what still runs after `drainMs`. Connections are the home's to end, once
   * this has resolved. A second close with less patience cuts earlier.
   *
   * @param why what a call is told that comes too late, or is cut
   */
  async close(drainMs: number, why = "the mesh was closed"): Promise<void> {
    this.#closed = true;
    this.#closedWhy = why;
    this.#stopFollowing();
    this.#stopPeers?.();
    this.watch.close();
    const cut = (): void => this.running.cut(() => this.closedError());
    const disarm = drainMs > 0 ? this.#ports.time.after(drainMs, cut) : cut();
    await this.running.ended();
    disarm?.();
    this.#checks.close();
    this.#breaker.close();
  }

  /** The error for a call that comes when the service is closed. */
  closedError(): MeshError {
    return new MeshError("CLOSED", this.#closedWhy, { service: this.name, neverSent: true });
  }

  #parts(policy: CallPolicy): StackParts {
    return {
      watch: this.watch,
      cluster: this.cluster,
      breaker: this.#breaker.breaker,
      calls: this.calls,
      route: this.#routes.get(policy),
      rate: this.#limits.rate,
      admission: this.#limits.admission,
      adaptive: this.#limits.adaptive,
      budget: this.#retries.budget,
      cap: this.#retries.cap,
      hedging: this.#hedgings.get(policy),
      ports: this.#ports,
    };
  }

  #peersChanged(): void {
    const { grouping } = clusterPolicy(this.#policy, this.#sessions, this.#ports.peers?.view, this.#ports.random);
    if (!isDeepStrictEqual(grouping.zones, this.#zones)) this.cluster.configure({ grouping });
    this.#zones = grouping.zones;
    this.#used.retell();
  }

  #sessionsOf({ sticky }: ServicePolicy, events: Events): StickySessions | undefined {
    return (
      sticky && new StickySessions(this.name, sticky, { events, keeperOf: (token) => this.cluster.keeperOf(token) })
    );
  }
}

/** What a picker is made of. */
function balancingOf({ balancer, hashing, reportsWeigh }: ServicePolicy): unknown {
  return { balancer, hashing, reportsWeigh };
}

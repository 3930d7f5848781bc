import { endpoint as endpointOf, type Importance, type Random } from "@weft/core";
import { goesByReports } from "@weft/runtime";
import { seededRandom } from "@weft/testkit";
import { Tally } from "../measure/tally.ts";
import type { NamedPolicy, Scenario, ScenarioEvent } from "../scenario/scenario.ts";
import type { Due } from "../time/event-heap.ts";
import { VirtualTime } from "../time/virtual-time.ts";
import { Arrivals } from "../world/arrivals.ts";
import { SimulatedEndpoint } from "../world/simulated-endpoint.ts";
import { SimulatedRegistry } from "../world/simulated-registry.ts";
import { SERVICE, SimulatedClient } from "./simulated-client.ts";

/** Calls that have not ended are waited for so long after the last arrival, in ms; then they are cut. */
const AFTERMATH_MS = 60_000;
/** Events between two looks at whether the simulation is still wanted. */
const TURN = 20_000;
/** Of steps: nothing is left to happen. */
const END = -1;

/**
 * One policy through one scenario: clients with a runtime of their own each, under one clock that jumps from event to
 * event.
 *
 * The clock waits only where code goes on in promises (`VirtualTime.unsettled`): a call that succeeds at once, as most
 * do, ends in the tick in which its answer comes. Arrivals, endpoints and clients draw from sources of their own, so
 * that each policy meets the same arrivals.
 */
export class Simulation {
  readonly tally: Tally;
  readonly #scenario: Scenario;
  readonly #time = new VirtualTime();
  readonly #arrivals: Arrivals;
  readonly #keyRandom: Random;
  readonly #importanceRandom: Random;
  readonly #endpoints: readonly SimulatedEndpoint[];
  readonly #registry: SimulatedRegistry;
  readonly #clients: readonly SimulatedClient[];
  #calls = 0;

  constructor(scenario: Scenario, policy: NamedPolicy) {
    const { seed, events, clients, durationMs } = scenario;
    const time = this.#time;
    this.#scenario = scenario;
    this.#arrivals = new Arrivals(scenario.phases, durationMs, seededRandom(seed));
    this.#keyRandom = seededRandom(mixed(seed, KEYS, 0));
    this.#importanceRandom = seededRandom(mixed(seed, IMPORTANCE, 0));
    const byEndpoint = eventsByEndpoint(events, scenario.endpoints.length);
    const reports = goesByReports(policy.policy);
    this.#endpoints = scenario.endpoints.map((plan, index) => {
      const random = seededRandom(mixed(seed, ENDPOINTS, index));
      const world = { time, random, events: byEndpoint[index]!, reports };
      return new SimulatedEndpoint(index, described(index, plan), plan, world);
    });
    const known = this.#endpoints.map(({ endpoint }) => endpoint);
    this.tally = new Tally(
      scenario,
      known.map(({ id }) => id),
      () => time.now,
    );
    this.#registry = new SimulatedRegistry(SERVICE, known, { all: events, byEndpoint }, time);
    const ports = {
      time,
      tally: this.tally,
      endpoints: new Map(this.#endpoints.map((simulated) => [simulated.endpoint.id, simulated])),
      nextCall: () => ++this.#calls,
      cookies: new Map<number, string>(),
    };
    this.#clients = Array.from({ length: clients }, (_, client) => {
      return new SimulatedClient(policy, this.#registry.watch(), seededRandom(mixed(seed, CLIENTS, client)), ports);
    });
    this.#plan();
  }

  /** Of the scenario's duration, how much has passed, in [0, 1]. */
  get progress(): number {
    return Math.min(1, this.#time.now / this.#scenario.durationMs);
  }

  /**
   * Runs to the end: the last call that arrived has ended, or was cut.
   *
   * @param onTurn called now and then, some milliseconds apart
   * @throws the signal's reason when it aborts first
   */
  async run(signal?: AbortSignal, onTurn: () => void = () => {}): Promise<void> {
    try {
      for (let left = this.#stepBriefly(TURN); left !== END; left = this.#stepBriefly(left === 0 ? TURN : left)) {
        if (left > 0) await settled();
        else {
          await turn();
          signal?.throwIfAborted();
          onTurn();
        }
      }
    } finally {
      await Promise.all(this.#clients.map((client) => client.close()));
      await this.#registry.close();
    }
  }

  /**
   * `#step`, with errors that name only the place where they were made. A simulation makes one for each call that
   * fails, and noting ten places takes longer than all the rest of that call. No other code's errors come in between.
   */
  #stepBriefly(most: number): number {
    const frames = Error.stackTraceLimit;
    Error.stackTraceLimit = 1;
    try {
      return this.#step(most);
    } finally {
      Error.stackTraceLimit = frames;
    }
  }

  /**
   * Goes on until promises have to settle, or others want a turn.
   *
   * @param most events until that turn, >= 1
   * @returns how many are left until then, 0 when it has come; `END` at the end
   */
  #step(most: number): number {
    const time = this.#time;
    const { events } = time;
    const arrivals = this.#arrivals;
    const clients = this.#clients;
    const lastMs = this.#scenario.durationMs + AFTERMATH_MS;
    time.unsettled = false;
    for (let left = most; left > 0;) {
      const { nextMs } = events;
      if (arrivals.nextMs <= nextMs) {
        if (arrivals.nextMs === Number.POSITIVE_INFINITY) return END;
        time.now = arrivals.nextMs;
        arrivals.advance();
        const client = clients[this.#calls % clients.length]!;
        client.call(client.keyed ? this.#drawKey() : undefined, this.#drawImportance());
      } else {
        if (nextMs > lastMs || this.#allEnded()) return END;
        time.now = nextMs;
        events.take().due();
      }
      left--;
      if (time.unsettled) return left;
    }
    return 0;
  }

  /** From a source of its own, so that all of a scenario's policies that hash meet the same calls. */
  #drawKey(): number {
    const { count, hotRatio } = this.#scenario.keys;
    return this.#keyRandom.unit() < hotRatio ? 0 : this.#keyRandom.below(count);
  }

  /** From a source of its own, as above. */
  #drawImportance(): Importance {
    const { importance } = this.#scenario;
    if (importance === undefined) return "normal";
    const drawn = this.#importanceRandom.unit();
    if (drawn < importance.critical) return "critical";
    return drawn < importance.critical + importance.low ? "low" : "normal";
  }

  #allEnded(): boolean {
    return this.#arrivals.nextMs === Number.POSITIVE_INFINITY && this.tally.calls === this.#calls;
  }

  /** Endpoints and registry look again whenever an event begins or ends. */
  #plan(): void {
    const { events } = this.#scenario;
    const instants = new Set(events.flatMap(({ atMs, untilMs }) => [atMs, untilMs]));
    const change: Due = {
      due: () => {
        for (const endpoint of this.#endpoints) endpoint.reconsider();
        this.#registry.reconsider();
      },
    };
    for (const atMs of instants) if (atMs < Number.POSITIVE_INFINITY) this.#time.events.add(atMs, change);
  }
}

/** Sorted out once: a scenario may have thousands of either. */
function eventsByEndpoint(events: readonly ScenarioEvent[], endpoints: number): readonly (readonly ScenarioEvent[])[] {
  const own = Array.from({ length: endpoints }, (): ScenarioEvent[] => []);
  for (const event of events) for (const index of new Set(event.endpoints)) own[index]!.push(event);
  return own;
}

/** Which source is drawn from. */
const ENDPOINTS = 1;
const CLIENTS = 2;
const KEYS = 3;
const IMPORTANCE = 4;

/** Seeds that have nothing to do with each other, for sources of one run. Multipliers: Knuth's, and murmur3's. */
function mixed(seed: number, kind: number, index: number): number {
  return Math.imul(Math.imul(seed ^ (kind << 24), 2_654_435_761) ^ index, 2_246_822_507) ^ (index * 31 + kind);
}

function described(
  index: number,
  { weight, zone, priority }: Scenario["endpoints"][number],
): SimulatedEndpoint["endpoint"] {
  const host = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
  return endpointOf({
    host,
    port: 8_080,
    weight,
    ...(zone !== undefined && { locality: { zone } }),
    ...(priority > 0 && { meta: { priority: String(priority) } }),
  });
}

/** Lets promises settle, all of them: a tick is taken when no microtask is left. A turn of the process costs far more. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** The same, and signals and timers of the process have their turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

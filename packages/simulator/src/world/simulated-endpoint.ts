import { type Endpoint, type LoadReport, type Random, ServedLoad, type ServedRequest } from "@weft/core";
import type { EndpointPlan, FailPlan, Latency, ScenarioEvent } from "../scenario/scenario.ts";
import type { Due } from "../time/event-heap.ts";
import type { VirtualTime } from "../time/virtual-time.ts";
import { drawLatency } from "./draw-latency.ts";
import { ServedRate } from "./served-rate.ts";

/** An attempt, as the endpoint sees it; it waits in the heap itself, so that no object is made for the wait. */
export interface Received extends Due {
  /** Whether whoever sent it has given it up. */
  readonly over: boolean;
  /** Set when it is worked on: who does, and what it will be answered with. When it is due, the worker is `done`. */
  worker: SimulatedEndpoint | undefined;
  status: number;
  /** Who stands behind it in the endpoint's line. */
  behind: Received | undefined;
  /** Counted among what the endpoint has in flight, when that is asked for. */
  served: ServedRequest | undefined;

  /** @param status 0: the connection ended without an answer */
  answer(status: number): void;
}

/** How long it takes to hear that a connection is refused, in ms. */
const REFUSAL_MS = 1;

/** An endpoint with a number of workers and a line before them, and whatever is wrong with it at present. */
export class SimulatedEndpoint {
  readonly index: number;
  readonly endpoint: Endpoint;
  readonly #plan: EndpointPlan;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #events: readonly ScenarioEvent[];
  /** What it says of itself; undefined: nothing. */
  readonly #load: ServedLoad | undefined;
  readonly #rate: ServedRate;
  // The line runs through the attempts themselves: who has left it is let go of at once.
  #first: Received | undefined = undefined;
  #last: Received | undefined = undefined;
  #working = 0;

  #latency: Latency;
  #factor = 1;
  #fails: readonly FailPlan[] = [];
  #hangs = false;
  #refuses = false;

  constructor(index: number, endpoint: Endpoint, plan: EndpointPlan, world: EndpointWorld) {
    this.index = index;
    this.endpoint = endpoint;
    this.#plan = plan;
    this.#latency = plan.latency;
    this.#time = world.time;
    this.#random = world.random;
    this.#events = world.events;
    this.#load = world.reports ? new ServedLoad() : undefined;
    this.#rate = new ServedRate(plan.workers);
  }

  /** An event began or ended: looks at what is wrong now. */
  reconsider(): void {
    const nowMs = this.#time.now;
    const now = this.#events.filter(({ atMs, untilMs }) => atMs <= nowMs && nowMs < untilMs);
    this.#latency = now.findLast(({ latency }) => latency !== undefined)?.latency ?? this.#plan.latency;
    this.#factor = now.reduce((product, { factor }) => product * factor, 1);
    this.#fails = now.flatMap(({ fail }) => fail ?? []);
    this.#hangs = now.some(({ hang }) => hang);
    this.#refuses = now.some(({ refuse }) => refuse);
  }

  receive(attempt: Received): void {
    if (this.#refuses) this.#time.events.add(this.#time.now + REFUSAL_MS, attempt);
    else if (this.#hangs) return; // nobody works on it, and nobody ever will
    else {
      if (this.#load !== undefined) attempt.served = this.#load.began(this.#time.now);
      if (this.#working < this.#plan.workers) this.#work(attempt);
      else this.#standInLine(attempt);
    }
  }

  /** What it says of itself with an answer, where it does. @param load of the attempt that is answered */
  report({ load }: ServedRequest): LoadReport {
    const { inFlight } = load;
    return { ...this.#rate.read(this.#time.now), cpu: 0, inFlight, latencyMs: load.latencyMs(inFlight) };
  }

  /** What a health check would hear. */
  probe(): { readonly answer: "refused" | "none" } | { readonly answer: "status"; status: number; afterMs: number } {
    if (this.#refuses) return { answer: "refused" };
    if (this.#hangs) return { answer: "none" };
    const { status, afterMs } = this.#fate();
    return { answer: "status", status, afterMs };
  }

  /** Work on one attempt is done. A worker does not notice that its caller has gone. */
  done(attempt: Received): void {
    this.#working--;
    if (attempt.served !== undefined && attempt.status === 200) attempt.served.answered(this.#time.now);
    attempt.served?.ended();
    this.#next();
    if (!attempt.over) attempt.answer(attempt.status);
  }

  #work(attempt: Received): void {
    this.#working++;
    const { status, afterMs } = this.#fate();
    attempt.worker = this;
    attempt.status = status;
    if (this.#load !== undefined) this.#rate.began(afterMs, status !== 200, this.#time.now);
    this.#time.events.add(this.#time.now + afterMs, attempt);
  }

  #standInLine(attempt: Received): void {
    if (this.#last === undefined) this.#first = attempt;
    else this.#last.behind = attempt;
    this.#last = attempt;
  }

  #next(): void {
    for (let next = this.#first; next !== undefined; next = this.#first) {
      this.#first = next.behind;
      next.behind = undefined;
      if (this.#first === undefined) this.#last = undefined;
      if (next.over) {
        next.served?.ended();
        continue;
      }
      this.#work(next);
      return;
    }
  }

  #fate(): Fate {
    const answerMs = drawLatency(this.#latency, this.#random) * this.#factor;
    for (const { ratio, status, afterMs } of this.#fails) {
      if (ratio === 1 || this.#random.unit() < ratio) return { status, afterMs: afterMs ?? answerMs };
    }
    return { status: 200, afterMs: answerMs };
  }
}

export interface EndpointWorld {
  readonly time: VirtualTime;
  readonly random: Random;
  /** Those that are about this endpoint. */
  readonly events: readonly ScenarioEvent[];
  /** Whether its answers say how loaded it is. */
  readonly reports: boolean;
}

interface Fate {
  readonly status: number;
  readonly afterMs: number;
}

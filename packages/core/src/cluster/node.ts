import type { Endpoint } from "../endpoint.ts";
import { EndpointFitness } from "../policy/outlier-ejection/endpoint-fitness.ts";
import { FailureRatio } from "../policy/peak-ewma/failure-ratio.ts";
import { PeakLatency } from "../policy/peak-ewma/peak-latency.ts";
import type { NodeLease } from "./lease.ts";

/** An endpoint plus our live counters. Lives as long as the endpoint is a member, whatever changes around it. */
export class Node {
  /** Names the node in decision records, which hold numbers only. Never used again for another. */
  readonly number: number;
  endpoint: Endpoint;
  /** What `choose` answers with: made once, so that choosing allocates nothing. */
  choice: { readonly kind: "chosen"; readonly endpoint: Endpoint };
  /** Whether it takes traffic: passing, and fit. Kept by `Members`. */
  available = false;
  readonly latency: PeakLatency = new PeakLatency();
  readonly failures: FailureRatio = new FailureRatio();
  readonly fitness: EndpointFitness = new EndpointFitness();
  /** Leases held: attempts whose exchange has not ended. */
  pending = 0;
  /** Attempts started here, ever. */
  attempts = 0;
  /** Attempts that failed here, ever. */
  failed = 0;
  /** Whether any attempt was judged yet. Until then at most one runs at a time (Finagle's rule for newcomers). */
  answered = false;
  /** The endpoint asked to be left alone until then, on the policy clock. */
  holdUntilMs = 0;
  /** Counts up over the cluster with each lease: the smaller, the longer unused. Breaks ties. */
  lastUsed = 0;

  #oldest: NodeLease | undefined = undefined;
  #newest: NodeLease | undefined = undefined;

  constructor(number: number, endpoint: Endpoint) {
    this.number = number;
    this.endpoint = endpoint;
    this.choice = { kind: "chosen", endpoint };
  }

  /** The registry says something new of the same endpoint. */
  describe(endpoint: Endpoint): void {
    this.endpoint = endpoint;
    this.choice = { kind: "chosen", endpoint };
  }

  /** How long the oldest attempt without an answer has been out, in ms; 0 when none is. */
  ageMs(nowMs: number): number {
    return this.#oldest === undefined ? 0 : nowMs - this.#oldest.startedMs;
  }

  began(lease: NodeLease): void {
    this.pending++;
    this.attempts++;
    lease.before = this.#newest;
    if (this.#newest === undefined) this.#oldest = lease;
    else this.#newest.after = lease;
    this.#newest = lease;
  }

  /** The attempt has its answer, or never will: its age counts no more. */
  heard(lease: NodeLease): void {
    if (lease.before === undefined && lease.after === undefined && this.#oldest !== lease) return;
    if (lease.before === undefined) this.#oldest = lease.after;
    else lease.before.after = lease.after;
    if (lease.after === undefined) this.#newest = lease.before;
    else lease.after.before = lease.before;
    lease.before = lease.after = undefined;
  }
}

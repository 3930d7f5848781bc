import { type ConnectionCounts, connectionCounts, type Http2Counts, http2Counts } from "@weft/http";
import { GRPC_STATUSES, type LatencyCounts } from "@weft/core";
import type { MethodClass } from "@weft/telemetry";
import { type CountersByMethod, countersByMethod, type MethodCounts, ofAllMethods } from "./method-counters.ts";

/** What one endpoint's connections and attempts come to. Whoever connects and sends holds it and counts. */
export interface EndpointCounters extends ConnectionCounts {
  /** Attempts under way. */
  attemptsActive: number;
}

/** All zero. */
function endpointCounters(): EndpointCounters {
  return { ...connectionCounts(), attemptsActive: 0 };
}

/**
 * What one service's calls come to. Counters only grow, whatever endpoints come and go.
 *
 * Cost of a call: a handful of additions, no allocation, no look-up.
 */
export class ServiceCounters {
  /** Calls begun, and those under way. */
  calls = 0;
  callsActive = 0;
  /** Those that ended. */
  readonly byMethod: CountersByMethod = countersByMethod();
  /** Calls of gRPC that ended with a status, by that; those that are none of gRPC's in the last place. */
  readonly grpcEnded: Float64Array = new Float64Array(GRPC_STATUSES + 1);
  /** Ended calls that took more than one attempt, got an answer and did not fail. */
  retrySuccesses = 0;
  /** Calls whose deadline passed. */
  timeouts = 0;
  /** Attempts without a head within `timeout.attempt`. */
  attemptTimeouts = 0;
  /** Of the connections of HTTP/2 to its endpoints. */
  readonly http2: Http2Counts = http2Counts();

  readonly #endpoints = new Map<string, EndpointCounters>();
  /** Of endpoints that left with something under way: it still counts. */
  readonly #leaving = new Map<string, EndpointCounters>();
  readonly #gone: EndpointCounters = endpointCounters();
  /** Shared by endpoints beyond the most. */
  readonly #others: EndpointCounters = endpointCounters();
  readonly #mostEndpoints: number;

  /** @param mostEndpoints counted apart, >= 0; those beyond share their counters. Default 1,000. */
  constructor(mostEndpoints = 1_000) {
    this.#mostEndpoints = mostEndpoints;
  }

  /** Calls that ended, by first digit of the status the caller got; 0: it got none. Added up when asked. */
  get ended(): Float64Array {
    return this.ofAllMethods.ended;
  }

  /** How long calls with at least one attempt took. Added up when asked. */
  get latency(): LatencyCounts {
    return this.ofAllMethods.latency;
  }

  /** Added up when asked. */
  get ofAllMethods(): MethodCounts {
    return ofAllMethods(this.byMethod);
  }

  callBegan(): void {
    this.calls++;
    this.callsActive++;
  }

  /**
   * @param status what the caller got, 0 for none
   * @param attempts made for it, 0 when it was refused
   * @param durationMs from its first byte to its last; refused calls are not in the histogram
   * @param grpcStatus what a call of gRPC was told; -1: none, or it is no such call
   * @param failed see core's `hasFailed`
   */
  callEnded(
    status: number,
    attempts: number,
    durationMs: number,
    grpcStatus: number,
    method: MethodClass,
    failed: boolean,
  ): void {
    const counters = this.byMethod[method];
    this.callsActive--;
    counters.ended[status >= 100 && status < 600 ? Math.floor(status / 100) : 0]! += 1;
    if (failed) counters.failed++;
    if (grpcStatus >= 0) this.grpcEnded[Math.min(grpcStatus, GRPC_STATUSES)]! += 1;
    if (attempts === 0) return;
    counters.latency.observe(durationMs);
    if (attempts > 1 && status > 0 && !failed) this.retrySuccesses++;
  }

  /** The counters of an endpoint, made on first use: to be taken once and held while connections to it live. */
  endpoint(id: string): EndpointCounters {
    const known = this.#endpoints.get(id);
    if (known !== undefined) return known;
    const left = this.#leaving.get(id);
    if (left === undefined && this.#endpoints.size + this.#leaving.size >= this.#mostEndpoints) return this.#others;
    const own = left ?? endpointCounters();
    this.#leaving.delete(id);
    this.#endpoints.set(id, own);
    return own;
  }

  /** The endpoint left: it is no longer listed, but stays in the sums. */
  endpointLeft(id: string): void {
    const own = this.#endpoints.get(id);
    if (own === undefined) return;
    this.#endpoints.delete(id);
    this.#leaving.set(id, own);
  }

  /** All but these have left. */
  keepEndpoints(ids: readonly string[]): void {
    const kept = new Set(ids);
    for (const id of this.#endpoints.keys()) if (!kept.has(id)) this.endpointLeft(id);
  }

  /** By id, those that have not left. */
  get endpoints(): ReadonlyMap<string, EndpointCounters> {
    return this.#endpoints;
  }

  /** The sums over all endpoints that there ever were. */
  total(): EndpointCounters {
    for (const [id, own] of this.#leaving) {
      if (own.connectionsActive > 0 || own.attemptsActive > 0) continue;
      add(this.#gone, own);
      this.#leaving.delete(id);
    }
    const total = { ...this.#gone };
    add(total, this.#others);
    for (const own of this.#leaving.values()) add(total, own);
    for (const own of this.#endpoints.values()) add(total, own);
    return total;
  }
}

function add(to: EndpointCounters, from: EndpointCounters): void {
  to.attempts += from.attempts;
  to.attemptsActive += from.attemptsActive;
  to.connections += from.connections;
  to.connectionsActive += from.connectionsActive;
  to.connectFailures += from.connectFailures;
  to.connectTimeouts += from.connectTimeouts;
  to.closedByEndpoint += from.closedByEndpoint;
  to.closedHere += from.closedHere;
  to.lostInUse += from.lostInUse;
  to.bytesSent += from.bytesSent;
  to.bytesReceived += from.bytesReceived;
}

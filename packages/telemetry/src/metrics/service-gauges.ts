import type { BatchObservableResult, Meter } from "@opentelemetry/api";
import type { Freshness, ObservedHome, ServiceStats } from "@weft/core";
import { observed } from "./make-instrument.ts";

/** Endpoints of a home that are shown apart; those beyond are in the numbers of their service only. */
const MOST_ENDPOINTS = 1_000;

const BREAKER_STATES = ["closed", "open", "half-open"] as const;

/**
 * Shows the state of a home's services whenever somebody collects. Costs nothing in between.
 *
 * @returns the way to stop
 */
export function observeServices(meter: Meter, home: ObservedHome): () => void {
  const services = serviceGauges(meter);
  const endpoints = endpointGauges(meter);
  const show = (result: BatchObservableResult): void => {
    let left = MOST_ENDPOINTS;
    for (const stats of home.services()) {
      showService(result, stats, services);
      showEndpoints(result, stats, endpoints, left);
      left = Math.max(0, left - stats.endpoints.length);
    }
  };
  const all = [...Object.values(services), ...Object.values(endpoints)];
  meter.addBatchObservableCallback(show, all);
  return () => meter.removeBatchObservableCallback(show, all);
}

function serviceGauges(meter: Meter) {
  return {
    running: observed(meter, "weft.calls.running"),
    limit: observed(meter, "weft.calls.limit"),
    connections: observed(meter, "weft.connections.open"),
    budget: observed(meter, "weft.retry.budget.remaining"),
    retries: observed(meter, "weft.retries.running"),
    mostRetries: observed(meter, "weft.retries.limit"),
    breaker: observed(meter, "weft.breaker.state"),
    endpoints: observed(meter, "weft.endpoints"),
    available: observed(meter, "weft.endpoints.available"),
    ejected: observed(meter, "weft.endpoints.ejected"),
    panic: observed(meter, "weft.panic"),
    staleness: observed(meter, "weft.discovery.staleness"),
    lastContact: observed(meter, "weft.discovery.last_contact"),
  };
}

function endpointGauges(meter: Meter) {
  return {
    available: observed(meter, "weft.endpoint.available"),
    ejected: observed(meter, "weft.endpoint.ejected"),
    attempts: observed(meter, "weft.endpoint.attempts"),
    failed: observed(meter, "weft.endpoint.attempts.failed"),
    latency: observed(meter, "weft.endpoint.latency"),
  };
}

function showService(
  result: BatchObservableResult,
  stats: ServiceStats,
  gauges: ReturnType<typeof serviceGauges>,
): void {
  const { service: name, calls, connections, endpoints, breaker, retriesLeft, retries } = stats;
  const service = { "server.address": name };
  result.observe(gauges.running, calls.running, service);
  result.observe(gauges.limit, calls.most, service);
  result.observe(gauges.connections, connections.running, service);
  if (retriesLeft !== undefined) result.observe(gauges.budget, retriesLeft, service);
  if (retries !== undefined) {
    result.observe(gauges.retries, retries.running, service);
    result.observe(gauges.mostRetries, retries.most, service);
  }
  if (breaker !== undefined) {
    for (const state of BREAKER_STATES) {
      result.observe(gauges.breaker, Number(breaker.kind === state), { ...service, "weft.breaker": state });
    }
  }
  result.observe(gauges.endpoints, endpoints.length, service);
  result.observe(gauges.available, endpoints.filter(({ available }) => available).length, service);
  result.observe(gauges.ejected, endpoints.filter(isEjected).length, service);
  result.observe(gauges.panic, Number(stats.panic || stats.division.groups.some(({ panic }) => panic)), service);
  const staleness = stalenessSeconds(stats.freshness, stats.atMs);
  if (staleness !== undefined) result.observe(gauges.staleness, staleness, service);
  const lastContact = lastContactSeconds(stats.freshness);
  if (lastContact !== undefined) result.observe(gauges.lastContact, lastContact, service);
}

/** @param most so many of them, >= 0 */
function showEndpoints(
  result: BatchObservableResult,
  { service, endpoints }: ServiceStats,
  gauges: ReturnType<typeof endpointGauges>,
  most: number,
): void {
  for (const node of endpoints.slice(0, most)) {
    const { endpoint, available, attempts, failed, latencyMs } = node;
    const attributes = { "server.address": service, "weft.endpoint": endpoint.id };
    result.observe(gauges.available, Number(available), attributes);
    result.observe(gauges.ejected, Number(isEjected(node)), attributes);
    result.observe(gauges.attempts, attempts, attributes);
    result.observe(gauges.failed, failed, attributes);
    if (latencyMs !== undefined) result.observe(gauges.latency, latencyMs / 1_000, attributes);
  }
}

function isEjected({ fitness }: ServiceStats["endpoints"][number]): boolean {
  return fitness.kind === "ejected";
}

/** How long the registry has not confirmed the endpoints; undefined while nothing is known that could be old. */
export function stalenessSeconds(freshness: Freshness, atMs: number): number | undefined {
  switch (freshness.kind) {
    case "pending":
      return undefined;
    case "live":
      return 0;
    case "stale":
      return (atMs - freshness.sinceMs) / 1_000;
    case "snapshot":
      return freshness.ageMs / 1_000;
    default:
      return freshness satisfies never;
  }
}

/** How long before its last answer the registry's server had heard from its leader; undefined: it did not say, or answers no more. */
export function lastContactSeconds(freshness: Freshness): number | undefined {
  if (freshness.kind !== "live" || freshness.lastContactMs === undefined) return undefined;
  return freshness.lastContactMs / 1_000;
}

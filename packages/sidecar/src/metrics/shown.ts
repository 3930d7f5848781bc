import type { NodeSnapshot } from "@weft/core";
import type { TraceCounts } from "@weft/telemetry";
import type { Readiness, ServiceView } from "../admin/admin-view.ts";
import type { CountedService, Counters } from "./counters.ts";
import type { ListenerCounters } from "./listener-counters.ts";
import type { ProcessStats } from "./process-meter.ts";
import type { EndpointCounters } from "./service-counters.ts";

/** Everything that is measured, as it stands. */
export interface MetricsState {
  readonly counters: Counters;
  readonly services: readonly ServiceView[];
  readonly readiness: Readiness;
  /** Undefined: there is no access log. */
  readonly logLinesDropped: number | undefined;
  readonly process: ProcessStats;
  /** What became of the spans of calls. Undefined: none are made. */
  readonly spans?: SpanNumbers | undefined;
  /** Attempts of a service that wait for a connection. Absent: nobody knows. */
  readonly pending?: (service: string) => number | undefined;
}

export interface SpanNumbers extends TraceCounts {
  /** That were kept and never arrived at the collector: the queue was full, or nobody took them. */
  readonly lost: number;
}

/** The same, read once for all families. */
export interface Shown extends Omit<MetricsState, "counters" | "services" | "pending"> {
  readonly services: readonly Scraped[];
  /** At most so many, whichever services they belong to. */
  readonly endpoints: readonly ShownEndpoint[];
  readonly endpointsUnlisted: number;
  readonly listeners: ReadonlyMap<string, ListenerCounters>;
}

/** One service. */
export interface Scraped {
  readonly name: string;
  readonly counted: CountedService;
  /** Over all endpoints that there ever were. */
  readonly total: EndpointCounters;
  /** Undefined: nothing is known but what was counted. */
  readonly view: ServiceView | undefined;
  /** Attempts that wait for a connection; undefined: nobody knows. */
  readonly pending: number | undefined;
}

/** One endpoint that is a member now. */
export interface ShownEndpoint {
  readonly service: string;
  readonly node: NodeSnapshot;
  /** Undefined: nobody has connected to it, or there are too many to count apart. */
  readonly counted: EndpointCounters | undefined;
}

/** Endpoints that are listed apart: their lines are most of what a scrape is long. */
const MOST_ENDPOINTS = 2_000;

/**
 * Reads the state once.
 *
 * Endpoints that have left are taken off the counters' list here, if nobody has said so.
 *
 * @param mostEndpoints listed apart, >= 0; the numbers of their services hold all
 */
export function shownState(state: MetricsState, mostEndpoints: number = MOST_ENDPOINTS): Shown {
  const { counters, services: views, pending, ...others } = state;
  const services = scrape(counters, views, pending);
  const all = services.reduce((sum, { view }) => sum + (view?.endpoints.length ?? 0), 0);
  return {
    ...others,
    services,
    endpoints: firstEndpoints(services, mostEndpoints),
    endpointsUnlisted: Math.max(0, all - mostEndpoints),
    listeners: counters.listeners,
  };
}

function scrape(
  counters: Counters,
  views: readonly ServiceView[],
  pending: MetricsState["pending"],
): readonly Scraped[] {
  const viewOf = new Map(views.map((view) => [view.service, view]));
  for (const name of viewOf.keys()) counters.service(name); // so that what was never called is listed, with zeros
  return [...counters.services].map(([name, counted]) => {
    const view = viewOf.get(name);
    if (view !== undefined) counted.counters.keepEndpoints(view.endpoints.map(({ endpoint }) => endpoint.id));
    return { name, counted, total: counted.counters.total(), view, pending: pending?.(name) };
  });
}

function firstEndpoints(services: readonly Scraped[], most: number): ShownEndpoint[] {
  const listed: ShownEndpoint[] = [];
  for (const { name, view, counted } of services) {
    for (const node of view?.endpoints ?? []) {
      if (listed.length >= most) return listed;
      listed.push({ service: name, node, counted: counted.counters.endpoints.get(node.endpoint.id) });
    }
  }
  return listed;
}

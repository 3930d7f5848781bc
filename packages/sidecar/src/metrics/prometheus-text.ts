import { heldBytes } from "@weft/http";
import type { Readiness, ServiceView } from "../admin/admin-view.ts";
import type { Counters } from "./counters.ts";
import { endpointFamilies } from "./endpoint-families.ts";
import { Exposition } from "./exposition.ts";
import { http2Families } from "./http2-families.ts";
import { listenerFamilies } from "./listener-families.ts";
import type { ProcessStats } from "./process-meter.ts";
import type { Scraped } from "./scraped.ts";
import { serviceFamilies } from "./service-families.ts";

/** Everything that `/metrics` shows, as it stands. */
export interface MetricsState {
  readonly counters: Counters;
  readonly services: readonly ServiceView[];
  readonly readiness: Readiness;
  /** Undefined: there is no access log. */
  readonly logLinesDropped: number | undefined;
  readonly process: ProcessStats;
}

/**
 * All numbers in the text format of Prometheus: under Envoy's names where Envoy has one, so that its dashboards work,
 * else under `weft_`; the process under the names that Prometheus clients have agreed on.
 *
 * Endpoints that have left are taken off the counters' list here, if nobody has said so.
 */
export function prometheusText({ counters, services, readiness, logLinesDropped, process }: MetricsState): string {
  const out = new Exposition();
  const scraped = scrape(counters, services);
  serviceFamilies(out, scraped);
  endpointFamilies(out, scraped);
  listenerFamilies(out, counters.listeners);
  const { listeners } = counters;
  http2Families(
    out,
    "downstream",
    "listener",
    [...listeners].map(([name, { http2 }]) => [name, http2] as const),
  );
  http2Families(
    out,
    "upstream",
    "service",
    scraped.map(({ name, counted }) => [name, counted.counters.http2] as const),
  );
  const single = (name: string, type: "counter" | "gauge", help: string, value: number | undefined): void => {
    out.family(name, type, help);
    if (value !== undefined) out.sample("", value);
  };
  single("weft_http2_held_bytes", "gauge", "Bytes that wait for readers of HTTP/2.", heldBytes());
  single("weft_ready", "gauge", "1 while traffic should be sent here.", Number(readiness.kind === "ready"));
  single("weft_access_log_lines_dropped_total", "counter", "Lines that could not be written.", logLinesDropped);
  single(
    "weft_event_loop_lag_p99_seconds",
    "gauge",
    "How late timers ran since the last scrape.",
    process.lagP99Seconds,
  );
  single("weft_event_loop_lag_max_seconds", "gauge", "The latest since the last scrape.", process.lagMaxSeconds);
  single("weft_event_loop_busy_ratio", "gauge", "Share of the time since the last scrape.", process.busyRatio);
  single("process_resident_memory_bytes", "gauge", "Resident memory.", process.residentBytes);
  single("process_cpu_seconds_total", "counter", "User and system time.", process.cpuSeconds);
  single("process_start_time_seconds", "gauge", "Since 1970.", process.startedEpochSeconds);
  single("nodejs_heap_size_used_bytes", "gauge", "Heap in use.", process.heapUsedBytes);
  return out.text();
}

function scrape(counters: Counters, views: readonly ServiceView[]): readonly Scraped[] {
  const viewOf = new Map(views.map((view) => [view.service, view]));
  for (const name of viewOf.keys()) counters.service(name); // so that what was never called is listed, with zeros
  return [...counters.services].map(([name, counted]) => {
    const view = viewOf.get(name);
    if (view !== undefined) counted.counters.keepEndpoints(view.endpoints.map(({ endpoint }) => endpoint.id));
    return { name, counted, total: counted.counters.total(), view };
  });
}

import { coalescedWaits, heldBytes } from "@weft/http";
import { type Family, single } from "./family.ts";
import { CPU_MODE } from "./labels.ts";
import type { Shown } from "./shown.ts";

/** What concerns the process, under the names that the clients of Prometheus, OpenTelemetry and Envoy have agreed on. */
export const PROCESS_FAMILIES: readonly Family[] = [
  single("weft_http2_held_bytes", "weft.http2.held", "gauge", "By", "Bytes that wait for readers of HTTP/2.", () =>
    heldBytes(),
  ),
  single(
    "weft_http2_coalesced_waits_total",
    "weft.http2.coalesced_waits",
    "counter",
    "{wait}",
    "Moments waited for more frames of HTTP/2 to come together. Of `weft_event_loop_busy_ratio` they are a part.",
    () => coalescedWaits(),
  ),
  single("weft_ready", "weft.ready", "gauge", "1", "1 while traffic should be sent here.", ({ readiness }) =>
    Number(readiness.kind === "ready"),
  ),
  single(
    "weft_access_log_lines_dropped_total",
    "weft.access_log.lines.dropped",
    "counter",
    "{line}",
    "Lines of the access log that could not be written. Absent: there is none.",
    ({ logLinesDropped }) => logLinesDropped,
  ),
  single(
    "weft_event_loop_lag_p99_seconds",
    "nodejs.eventloop.delay.p99",
    "gauge",
    "s",
    "How late timers ran since the last scrape, looked at ten times a second.",
    ({ process }) => process.lagP99Seconds,
  ),
  single(
    "weft_event_loop_lag_max_seconds",
    "nodejs.eventloop.delay.max",
    "gauge",
    "s",
    "The latest since the last scrape.",
    ({ process }) => process.lagMaxSeconds,
  ),
  single(
    "weft_event_loop_busy_ratio",
    "nodejs.eventloop.utilization",
    "gauge",
    "1",
    "Share of the time since the last scrape.",
    ({ process }) => process.busyRatio,
  ),
  single(
    "process_resident_memory_bytes",
    "process.memory.usage",
    "upDown",
    "By",
    "Resident memory.",
    ({ process }) => process.residentBytes,
  ),
  single(
    "process_cpu_seconds_total",
    undefined,
    "counter",
    "s",
    "User and system time.",
    ({ process }) => process.cpuUserSeconds + process.cpuSystemSeconds,
  ),
  {
    name: "weft_process_cpu_seconds_total",
    otel: "process.cpu.time",
    type: "counter",
    unit: "s",
    help: "The same, apart.",
    labels: [CPU_MODE],
    write({ process }, out) {
      out.sample(["user"], process.cpuUserSeconds);
      out.sample(["system"], process.cpuSystemSeconds);
    },
  },
  single(
    "process_open_fds",
    "process.unix.file_descriptor.count",
    "upDown",
    "{file_descriptor}",
    "Files and sockets that are open. Absent: the system does not say.",
    ({ process }) => process.openDescriptors,
  ),
  single(
    "process_max_fds",
    undefined,
    "gauge",
    "{file_descriptor}",
    "How many may be open at once. Absent: as above.",
    ({ process }) => process.mostDescriptors,
  ),
  single(
    "process_start_time_seconds",
    undefined,
    "gauge",
    "s",
    "Since 1970.",
    ({ process }) => process.startedEpochSeconds,
  ),
  single(
    "nodejs_heap_size_used_bytes",
    "weft.heap.used",
    "gauge",
    "By",
    "Heap in use.",
    ({ process }) => process.heapUsedBytes,
  ),
  single("envoy_server_live", undefined, "gauge", "1", "1 while it is not draining.", ({ readiness }) =>
    Number(readiness.kind !== "draining"),
  ),
  single(
    "envoy_server_state",
    undefined,
    "gauge",
    "1",
    "0 ready, 1 draining, 3 starting.",
    ({ readiness }) => ENVOY_STATE[readiness.kind],
  ),
  single(
    "envoy_server_uptime",
    "process.uptime",
    "gauge",
    "s",
    "Since the start.",
    ({ process }) => process.uptimeSeconds,
  ),
  single(
    "envoy_server_memory_allocated",
    undefined,
    "gauge",
    "By",
    "Heap in use.",
    ({ process }) => process.heapUsedBytes,
  ),
  single(
    "envoy_server_memory_heap_size",
    undefined,
    "gauge",
    "By",
    "Heap taken from the system.",
    ({ process }) => process.heapTotalBytes,
  ),
  single(
    "envoy_server_memory_physical_size",
    undefined,
    "gauge",
    "By",
    "Resident memory.",
    ({ process }) => process.residentBytes,
  ),
  single(
    "envoy_server_total_connections",
    undefined,
    "gauge",
    "{connection}",
    "Connections of callers.",
    connectionsOfCallers,
  ),
];

/** Source: Envoy, `ServerInfo.State`: LIVE, DRAINING, INITIALIZING. */
const ENVOY_STATE = { ready: 0, draining: 1, starting: 3 } as const;

function connectionsOfCallers({ listeners }: Shown): number {
  let total = 0;
  for (const { connectionsActive } of listeners.values()) total += connectionsActive;
  return total;
}

import { GRPC_STATUSES, grpcStatusName } from "@weft/core";
import { METHOD_CLASSES } from "@weft/telemetry";
import type { Family } from "./family.ts";
import { GRPC_STATUS_LABEL, METHOD, SERVICE, STATUS } from "./labels.ts";
import { labelledFamily, serviceFamily } from "./service-families.ts";

/** Rate, errors and duration of the calls of each service: what callers saw, retries and all. */
export const CALL_FAMILIES: readonly Family[] = [
  serviceFamily([
    "weft_calls_total",
    "weft.calls",
    "counter",
    "{call}",
    "Calls begun; attempts over calls is the amplification.",
    ({ counted }) => counted.counters.calls,
  ]),
  serviceFamily([
    "weft_calls_active",
    "weft.calls.running",
    "upDown",
    "{call}",
    "Calls under way.",
    ({ counted }) => counted.counters.callsActive,
  ]),
  serviceFamily([
    "weft_calls_limit",
    "weft.calls.limit",
    "gauge",
    "{call}",
    "Calls that may be under way at once: limits.calls, or what an adaptive limit has learned.",
    ({ view }) => view?.calls.most,
  ]),
  {
    name: "weft_calls_ended_total",
    otel: "weft.calls.ended",
    type: "counter",
    unit: "{call}",
    help: "Calls that ended, by method class and first digit of the status that the caller got. Refused ones are among them.",
    labels: [SERVICE, METHOD, STATUS],
    write({ services }, out) {
      for (const { name, counted } of services) {
        for (const method of METHOD_CLASSES) {
          counted.counters.byMethod[method].ended.forEach((count, digit) => {
            if (count > 0) out.sample([name, method, digit === 0 ? "none" : `${digit}xx`], count);
          });
        }
      }
    },
  },
  {
    name: "weft_calls_failed_total",
    otel: "weft.calls.failed",
    type: "counter",
    unit: "{call}",
    help: "Calls that failed, as docs/errors.md has it: refused or broken off by the mesh or an endpoint, 5xx, or a status of gRPC that is the service's.",
    labels: [SERVICE, METHOD],
    write({ services }, out) {
      // Also where none failed, or an alarm would see the first failure as no change.
      for (const { name, counted } of services) {
        for (const method of METHOD_CLASSES) out.sample([name, method], counted.counters.byMethod[method].failed);
      }
    },
  },
  {
    name: "weft_call_duration_seconds",
    otel: "weft.call.duration",
    type: "histogram",
    unit: "s",
    help: "How long calls took, retries and body included. Those that were refused before any attempt are not among them.",
    labels: [SERVICE, METHOD],
    write({ services }, out) {
      for (const { name, counted } of services) {
        for (const method of METHOD_CLASSES) {
          const { ended, latency } = counted.counters.byMethod[method];
          if (ended.some((count) => count > 0)) out.histogram([name, method], latency);
        }
      }
    },
  },
  serviceFamily([
    "weft_calls_unanswered_total",
    "weft.calls.unanswered",
    "counter",
    "{call}",
    "Calls that ended without a status, such as when their caller left.",
    ({ counted }) => counted.counters.ended[0],
  ]),
  labelledFamily([
    "weft_grpc_calls_total",
    "weft.grpc.calls",
    "counter",
    "{call}",
    "Calls of gRPC that ended with a status, by that.",
    GRPC_STATUS_LABEL,
    ({ counted }) => grpcCounts(counted.counters.grpcEnded),
  ]),
];

/** Those that came up. Numbers that are no status of gRPC stand together. */
function grpcCounts(ended: Float64Array): (readonly [string, number])[] {
  const counts: (readonly [string, number])[] = [];
  ended.forEach((count, status) => {
    if (count > 0) counts.push([status < GRPC_STATUSES ? grpcStatusName(status) : "OTHER", count]);
  });
  return counts;
}

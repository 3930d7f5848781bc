import { type Exposition, labelText } from "./exposition.ts";
import { LATENCY_BUCKETS_MS } from "./latency-histogram.ts";
import type { ListenerCounters } from "./listener-counters.ts";

type Value = (listener: ListenerCounters) => number;

/** Names of Envoy's listener statistics; its label is the address there, the listener's name here. */
const LISTENER: readonly (readonly [name: string, type: "counter" | "gauge", help: string, value: Value])[] = [
  ["downstream_cx_total", "counter", "Connections taken.", ({ connections }) => connections],
  ["downstream_cx_active", "gauge", "Connections open.", ({ connectionsActive }) => connectionsActive],
  [
    "downstream_cx_overflow",
    "counter",
    "Connections closed at once by the limit.",
    ({ connectionsRefused }) => connectionsRefused,
  ],
  ["ssl_connection_error", "counter", "Callers without a TLS session.", ({ handshakesFailed }) => handshakesFailed],
];

/** Names of Envoy's HTTP connection manager statistics; its prefix is the listener's name. */
const HTTP: readonly (readonly [name: string, type: "counter" | "gauge", help: string, value: Value])[] = [
  ["downstream_rq_total", "counter", "Calls begun.", ({ calls }) => calls],
  ["downstream_rq_active", "gauge", "Calls under way.", ({ callsActive }) => callsActive],
  [
    "downstream_rq_timeout",
    "counter",
    "Heads or bodies that came too slowly.",
    ({ requestTimeouts }) => requestTimeouts,
  ],
  ["downstream_cx_idle_timeout", "counter", "Connections closed for silence.", ({ idleTimeouts }) => idleTimeouts],
  [
    "downstream_cx_protocol_error",
    "counter",
    "Messages refused for their form.",
    ({ protocolErrors }) => protocolErrors,
  ],
  ["downstream_cx_rx_bytes_total", "counter", "Bytes received from callers.", ({ bytesReceived }) => bytesReceived],
  ["downstream_cx_tx_bytes_total", "counter", "Bytes sent to callers.", ({ bytesSent }) => bytesSent],
];

/** Writes what concerns listeners, family by family. */
export function listenerFamilies(out: Exposition, listeners: ReadonlyMap<string, ListenerCounters>): void {
  const all = [...listeners].map(([name, counters]) => ({
    counters,
    address: labelText("envoy_listener_address", name),
    prefix: labelText("envoy_http_conn_manager_prefix", name),
  }));
  for (const [name, type, help, value] of LISTENER) {
    out.family(`envoy_listener_${name}`, type, help);
    for (const { counters, address } of all) out.sample(address, value(counters));
  }
  for (const [name, type, help, value] of HTTP) {
    out.family(`envoy_http_${name}`, type, help);
    for (const { counters, prefix } of all) out.sample(prefix, value(counters));
  }
  out.family("envoy_http_downstream_rq_xx", "counter", "Calls that ended, by first digit of the status that was sent.");
  for (const { counters, prefix } of all) {
    for (let digit = 1; digit < counters.ended.length; digit++) {
      out.sample(`${prefix},${labelText("envoy_response_code_class", String(digit))}`, counters.ended[digit]!);
    }
  }
  out.family("envoy_http_downstream_rq_time", "histogram", "How long calls took to their last byte, in ms.");
  for (const { counters, prefix } of all) {
    out.histogram(prefix, LATENCY_BUCKETS_MS, counters.latency.counts, counters.latency.sumMs);
  }
}

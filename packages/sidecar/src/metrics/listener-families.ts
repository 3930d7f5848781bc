import type { Family, Label, Row } from "./family.ts";
import { FLAG, LISTENER as LISTENER_NAME, LISTENER_ADDRESS, LISTENER_PREFIX, STATUS_DIGIT } from "./labels.ts";
import { type ListenerCounters, REFUSAL_FLAGS } from "./listener-counters.ts";

type ListenerRow = Row<(listener: ListenerCounters) => number>;

/** Names of Envoy's listener statistics; its label is the address there, the listener's name here. */
const LISTENER: readonly ListenerRow[] = [
  [
    "downstream_cx_total",
    "weft.listener.connections",
    "counter",
    "{connection}",
    "Connections taken.",
    ({ connections }) => connections,
  ],
  [
    "downstream_cx_active",
    "weft.listener.connections.open",
    "upDown",
    "{connection}",
    "Connections open.",
    ({ connectionsActive }) => connectionsActive,
  ],
  [
    "downstream_cx_overflow",
    "weft.listener.connections.refused",
    "counter",
    "{connection}",
    "Connections closed at once by the limit.",
    ({ connectionsRefused }) => connectionsRefused,
  ],
  [
    "ssl_connection_error",
    "weft.listener.handshakes.failed",
    "counter",
    "{connection}",
    "Callers without a TLS session.",
    ({ handshakesFailed }) => handshakesFailed,
  ],
];

/** Names of Envoy's HTTP connection manager statistics; its prefix is the listener's name. */
const HTTP: readonly ListenerRow[] = [
  ["downstream_cx_total", undefined, "counter", "{connection}", "Connections taken.", ({ connections }) => connections],
  [
    "downstream_cx_active",
    undefined,
    "upDown",
    "{connection}",
    "Connections open.",
    ({ connectionsActive }) => connectionsActive,
  ],
  [
    "downstream_cx_http2_total",
    undefined,
    "counter",
    "{connection}",
    "Those of HTTP/2.",
    ({ http2 }) => http2.connections,
  ],
  [
    "downstream_cx_http2_active",
    undefined,
    "upDown",
    "{connection}",
    "Those of HTTP/2 that are open.",
    ({ http2 }) => http2.connectionsActive,
  ],
  ["downstream_rq_total", "weft.listener.calls", "counter", "{call}", "Calls begun.", ({ calls }) => calls],
  [
    "downstream_rq_active",
    "weft.listener.calls.running",
    "upDown",
    "{call}",
    "Calls under way.",
    ({ callsActive }) => callsActive,
  ],
  [
    "downstream_rq_timeout",
    "weft.listener.request_timeouts",
    "counter",
    "{call}",
    "Heads or bodies that came too slowly.",
    ({ requestTimeouts }) => requestTimeouts,
  ],
  [
    "downstream_cx_idle_timeout",
    "weft.listener.idle_timeouts",
    "counter",
    "{connection}",
    "Connections closed for silence.",
    ({ idleTimeouts }) => idleTimeouts,
  ],
  [
    "downstream_cx_protocol_error",
    "weft.listener.protocol_errors",
    "counter",
    "{message}",
    "Messages refused for their form.",
    ({ protocolErrors }) => protocolErrors,
  ],
  [
    "downstream_cx_rx_bytes_total",
    "weft.listener.bytes.received",
    "counter",
    "By",
    "Bytes received from callers.",
    ({ bytesReceived }) => bytesReceived,
  ],
  [
    "downstream_cx_tx_bytes_total",
    "weft.listener.bytes.sent",
    "counter",
    "By",
    "Bytes sent to callers.",
    ({ bytesSent }) => bytesSent,
  ],
];

/** What concerns listeners. */
export const LISTENER_FAMILIES: readonly Family[] = [
  {
    name: "weft_listener_refused_total",
    otel: "weft.listener.refused",
    type: "counter",
    unit: "{request}",
    help: "Requests and TCP connections that went to no service: no such one (`NR`), no request or none that is passed on (`DPE`), too slow (`SI`), or the listener closed (`LR`).",
    labels: [LISTENER_NAME, FLAG],
    write({ listeners }, out) {
      for (const [name, { refused }] of listeners) {
        for (const flag of REFUSAL_FLAGS) out.sample([name, flag], refused[flag]);
      }
    },
  },
  ...LISTENER.map((row) => listenerFamily("envoy_listener_", row, LISTENER_ADDRESS)),
  ...HTTP.map((row) => listenerFamily("envoy_http_", row, LISTENER_PREFIX)),
  {
    name: "envoy_http_downstream_rq_xx",
    otel: "weft.listener.calls.ended",
    type: "counter",
    unit: "{call}",
    help: "Calls that ended, by first digit of the status that was sent.",
    labels: [LISTENER_PREFIX, STATUS_DIGIT],
    write({ listeners }, out) {
      for (const [name, { ended }] of listeners) {
        for (let digit = 1; digit < ended.length; digit++) out.sample([name, String(digit)], ended[digit]!);
      }
    },
  },
  {
    name: "envoy_http_downstream_rq_time",
    otel: "weft.listener.call.duration",
    type: "histogram",
    unit: "ms",
    help: "How long calls took to their last byte, in ms.",
    labels: [LISTENER_PREFIX],
    write({ listeners }, out) {
      for (const [name, { latency }] of listeners) out.histogram([name], latency);
    },
  },
];

function listenerFamily(before: string, [name, otel, type, unit, help, valueOf]: ListenerRow, label: Label): Family {
  return {
    name: before + name,
    otel,
    type,
    unit,
    help,
    labels: [label],
    write({ listeners }, out) {
      for (const [listener, counters] of listeners) out.sample([listener], valueOf(counters));
    },
  };
}

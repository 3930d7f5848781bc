import type { Http2Counts } from "@weft/http";
import type { Family, Row } from "./family.ts";
import { LISTENER, SERVICE } from "./labels.ts";
import type { Shown } from "./shown.ts";

type Http2Row = Row<keyof Http2Counts, string>;

const CONNECTION = "{connection}";
const STREAM = "{stream}";

const ROWS: readonly Http2Row[] = [
  ["connections_total", "connections", "counter", CONNECTION, "Connections of HTTP/2.", "connections"],
  ["connections_active", "connections.open", "upDown", CONNECTION, "Those that are open.", "connectionsActive"],
  ["streams_total", "streams", "counter", STREAM, "Streams begun.", "streams"],
  ["streams_active", "streams.open", "upDown", STREAM, "Those that are open.", "streamsActive"],
  ["resets_received_total", "resets.received", "counter", STREAM, "Streams that the peer reset.", "resetsReceived"],
  ["resets_sent_total", "resets.sent", "counter", STREAM, "Streams reset here.", "resetsSent"],
  [
    "streams_refused_total",
    "streams.refused",
    "counter",
    STREAM,
    "Streams refused for want of room, by whoever takes them.",
    "refusedStreams",
  ],
  ["goaways_received_total", "goaways.received", "counter", "{frame}", "GOAWAY frames of peers.", "goawaysReceived"],
  ["goaways_sent_total", "goaways.sent", "counter", "{frame}", "GOAWAY frames of ours.", "goawaysSent"],
  [
    "protocol_errors_total",
    "protocol_errors",
    "counter",
    CONNECTION,
    "Connections ended for a broken rule of the protocol.",
    "protocolErrors",
  ],
  [
    "floods_total",
    "floods",
    "counter",
    CONNECTION,
    "Connections ended because the peer made work for nothing.",
    "floods",
  ],
  [
    "memory_resets_total",
    "memory_resets",
    "counter",
    STREAM,
    "Streams ended because too much was held for all readers.",
    "memoryResets",
  ],
  [
    "unanswered_total",
    "unanswered",
    "counter",
    CONNECTION,
    "Connections whose peer gave no sign of life when asked.",
    "unanswered",
  ],
];

/** Of endpoints alone. */
const UPSTREAM_ROWS: readonly Http2Row[] = [
  [
    "resets_withheld_total",
    "resets.withheld",
    "counter",
    STREAM,
    "Streams given up whose endpoint was not told at once, or never: it would have ended the connection.",
    "resetsWithheld",
  ],
];

/** What concerns connections of HTTP/2: downstream towards callers, upstream towards endpoints. */
export const HTTP2_FAMILIES: readonly Family[] = [
  ...ROWS.map((row) => http2Family("downstream", row)),
  ...[...ROWS, ...UPSTREAM_ROWS].map((row) => http2Family("upstream", row)),
];

function http2Family(side: "downstream" | "upstream", [name, otel, type, unit, help, key]: Http2Row): Family {
  return {
    name: `weft_http2_${side}_${name}`,
    otel: `weft.http2.${side}.${otel}`,
    type,
    unit,
    help,
    labels: [side === "downstream" ? LISTENER : SERVICE],
    write(shown, out) {
      for (const [of, counts] of side === "downstream" ? ofListeners(shown) : ofServices(shown)) {
        out.sample([of], counts[key]);
      }
    },
  };
}

function ofListeners({ listeners }: Shown): (readonly [string, Http2Counts])[] {
  return [...listeners].map(([name, { http2 }]) => [name, http2]);
}

function ofServices({ services }: Shown): (readonly [string, Http2Counts])[] {
  return services.map(({ name, counted }) => [name, counted.counters.http2]);
}

import { type Http2Counts } from "@weft/http";
import { type Exposition, labelText } from "./exposition.ts";

type Family = readonly [name: string, type: "counter" | "gauge", help: string, value: keyof Http2Counts];

const FAMILIES: readonly Family[] = [
  ["connections_total", "counter", "Connections of HTTP/2.", "connections"],
  ["connections_active", "gauge", "Those that are open.", "connectionsActive"],
  ["streams_total", "counter", "Streams begun.", "streams"],
  ["streams_active", "gauge", "Those that are open.", "streamsActive"],
  ["resets_received_total", "counter", "Streams that the peer reset.", "resetsReceived"],
  ["resets_sent_total", "counter", "Streams reset here.", "resetsSent"],
  ["streams_refused_total", "counter", "Streams refused for want of room, by whoever takes them.", "refusedStreams"],
  ["goaways_received_total", "counter", "GOAWAY frames of peers.", "goawaysReceived"],
  ["goaways_sent_total", "counter", "GOAWAY frames of ours.", "goawaysSent"],
  ["protocol_errors_total", "counter", "Connections ended for a broken rule of the protocol.", "protocolErrors"],
  ["floods_total", "counter", "Connections ended because the peer made work for nothing.", "floods"],
  ["memory_resets_total", "counter", "Streams ended because too much was held for all readers.", "memoryResets"],
  ["unanswered_total", "counter", "Connections whose peer gave no sign of life when asked.", "unanswered"],
];

/**
 * Writes what concerns connections of HTTP/2.
 *
 * @param side  "downstream": towards callers, by listener; "upstream": towards endpoints, by service
 * @param label its name
 */
export function http2Families(
  out: Exposition,
  side: "downstream" | "upstream",
  label: "listener" | "service",
  all: Iterable<readonly [name: string, counts: Http2Counts]>,
): void {
  const counted = [...all].map(([name, counts]) => ({ text: labelText(label, name), counts }));
  for (const [name, type, help, value] of FAMILIES) {
    out.family(`weft_http2_${side}_${name}`, type, help);
    for (const { text, counts } of counted) out.sample(text, counts[value]);
  }
}

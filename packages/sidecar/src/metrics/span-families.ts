import { type Family, type Samples, single } from "./family.ts";
import { REASON } from "./labels.ts";

/** What became of the spans of calls. Absent: there is no collector, and none are made. */
export const SPAN_FAMILIES: readonly Family[] = [
  {
    name: "weft_traced_calls_kept_total",
    otel: "weft.traced_calls.kept",
    type: "counter",
    unit: "{call}",
    help: "Calls whose spans were kept: because their caller records (`parent`), because they were drawn (`ratio`), or for their end (`failed`, `slow`).",
    labels: [REASON],
    write: ({ spans }, out) => byReason(spans?.kept, out),
  },
  {
    name: "weft_traced_calls_dropped_total",
    otel: "weft.traced_calls.dropped",
    type: "counter",
    unit: "{call}",
    help: "Calls of which no span was made: because their caller does not record (`parent`), because they were not drawn (`ratio`), or because what they failed with could not be read (`unreadable`).",
    labels: [REASON],
    write: ({ spans }, out) => byReason(spans?.dropped, out),
  },
  single(
    "weft_spans_lost_total",
    "weft.spans.lost",
    "counter",
    "{span}",
    "Spans that were kept and never arrived at the collector: the queue was full, or nobody took them.",
    ({ spans }) => spans?.lost,
  ),
];

function byReason(counts: Readonly<Record<string, number>> | undefined, out: Samples): void {
  for (const [reason, count] of Object.entries(counts ?? {})) out.sample([reason], count);
}

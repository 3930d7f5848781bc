import type { BatchObservableResult, Meter } from "@opentelemetry/api";
import type { TraceCounts } from "../tracing/sampling.ts";
import { observed } from "./make-instrument.ts";

/** What becomes of the spans of calls, as far as it is counted. */
export interface SpanCounts {
  readonly traced: TraceCounts;
  /** Spans that were kept and never arrived. */
  readonly lost: () => number;
}

/**
 * Shows what became of the spans of calls whenever somebody collects.
 *
 * @returns the way to stop
 */
export function observeSpans(meter: Meter, { traced, lost }: SpanCounts): () => void {
  const kept = observed(meter, "weft.traced_calls.kept");
  const dropped = observed(meter, "weft.traced_calls.dropped");
  const spans = observed(meter, "weft.spans.lost");
  const show = (result: BatchObservableResult): void => {
    for (const [reason, calls] of Object.entries(traced.kept)) result.observe(kept, calls, { "weft.reason": reason });
    for (const [reason, calls] of Object.entries(traced.dropped)) {
      result.observe(dropped, calls, { "weft.reason": reason });
    }
    result.observe(spans, lost());
  };
  const all = [kept, dropped, spans];
  meter.addBatchObservableCallback(show, all);
  return () => meter.removeBatchObservableCallback(show, all);
}

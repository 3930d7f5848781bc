import type { SpanData } from "@weft/telemetry";

/** A span with everything a span can have. */
export function aSpan(changes: Partial<SpanData> = {}): SpanData {
  return {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    parentSpanId: "00f067aa0ba902b7",
    parentRemote: true,
    sampled: true,
    name: "GET orders",
    kind: "client",
    startEpochMs: 1_767_225_600_123.25,
    endEpochMs: 1_767_225_600_133.5,
    attributes: {
      "http.request.method": "GET",
      "http.response.status_code": 503,
      "weft.hedge": true,
      "weft.flags": ["UF", "URX"],
      "weft.decision.budget": 0.5,
    },
    events: [{ name: "weft.decision", epochMs: 1_767_225_600_124, attributes: { "weft.decision": "pick" } }],
    links: [
      {
        traceId: "0af7651916cd43dd8448eb211c80319c",
        spanId: "b7ad6b7169203332",
        sampled: true,
        attributes: { "weft.link": "hedge-of" },
      },
    ],
    status: { kind: "error", message: "grün" },
    ...changes,
  };
}

import type { AccessEntry } from "./access-entry.ts";

/** A call that was answered at once, but for what `own` says. */
export function anEntry(own: Partial<AccessEntry> = {}): AccessEntry {
  return {
    listener: "outbound",
    protocol: "HTTP/1.1",
    method: "GET",
    authority: "orders",
    path: "/v1/7?full=1",
    status: 200,
    grpcStatus: -1,
    flags: "",
    why: [],
    service: "orders",
    endpoint: "orders-1",
    attempts: 1,
    startedEpochMs: 1_790_000_000_123.75,
    durationMs: 18.25,
    firstByteMs: 17.1239,
    bytesIn: 0,
    bytesOut: 1024,
    peer: "127.0.0.1:50122",
    traceId: "0af7651916cd43dd8448eb211c80319c",
    requestId: "r-1",
    userAgent: "curl/8.14",
    end: "complete",
    ...own,
  };
}

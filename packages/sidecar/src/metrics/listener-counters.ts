import { LatencyBuckets } from "@weft/core";
import { type Http2Counts, http2Counts } from "@weft/http";

/** Why a request, or a connection, went to no service: letters of the access log. */
export const REFUSAL_FLAGS = ["NR", "DPE", "SI", "LR"] as const;

export type RefusalFlag = (typeof REFUSAL_FLAGS)[number];

/** What one listener's connections and calls come to. The listener holds it and counts. */
export class ListenerCounters {
  connections = 0;
  connectionsActive = 0;
  /** Closed at once: the limit of connections was reached. */
  connectionsRefused = 0;
  /** Under TLS: no session, such as for want of the caller's certificate. */
  handshakesFailed = 0;
  /** Closed because the next head, or anything at all, did not come in time. */
  idleTimeouts = 0;
  /** Heads or bodies that came too slowly: 408. */
  requestTimeouts = 0;
  /** Messages refused for their form: 400, 414, 417, 431, 501, 505. */
  protocolErrors = 0;
  /** Bytes on the wire, heads included. */
  bytesReceived = 0;
  bytesSent = 0;
  /** What went to no service, by why. */
  readonly refused: Record<RefusalFlag, number> = { NR: 0, DPE: 0, SI: 0, LR: 0 };
  calls = 0;
  callsActive = 0;
  /** By first digit of the status that was sent; 0: none was. */
  readonly ended: Float64Array = new Float64Array(6);
  readonly latency: LatencyBuckets = new LatencyBuckets();
  readonly http2: Http2Counts = http2Counts();

  callBegan(): void {
    this.calls++;
    this.callsActive++;
  }

  /** @param status what was sent, 0 for none */
  callEnded(status: number, durationMs: number): void {
    this.callsActive--;
    this.ended[status >= 100 && status < 600 ? Math.floor(status / 100) : 0]! += 1;
    this.latency.observe(durationMs);
  }
}

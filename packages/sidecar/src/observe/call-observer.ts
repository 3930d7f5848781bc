import type { CallerExchange, RefusedBytes } from "@weft/http";
import { CallLog } from "@weft/runtime";
import { methodClass } from "@weft/telemetry";
import type { AccessEntry } from "../access-log/access-entry.ts";
import type { AccessLog } from "../access-log/access-log.ts";
import { entryOfBytes, entryOfHop, entryOfRefused } from "../access-log/entry-of-hop.ts";
import type { ResponseFlag } from "../access-log/response-flags.ts";
import type { Hop } from "../hop/hop.ts";
import type { ListenerHandle } from "../hop/listener-handle.ts";
import type { Counters } from "../metrics/counters.ts";
import type { ServiceCounters } from "../metrics/service-counters.ts";

/** Counts every exchange that ends, and writes its line when there is an access log. */
export class CallObserver {
  readonly counters: Counters;
  /** The last ones, for `explain` and the dashboard. */
  readonly calls: CallLog = new CallLog();
  /** Undefined: there is none. */
  log: AccessLog | undefined = undefined;
  /** Wall clock. */
  readonly epochMs: () => number;

  constructor(counters: Counters, epochMs: () => number) {
    this.counters = counters;
    this.epochMs = epochMs;
  }

  /** An exchange that went to a service is over. @param failed see core's `hasFailed` */
  ended(hop: Hop, failed: boolean, ofService: ServiceCounters): void {
    const { call, exchange, error, listener } = hop;
    const durationMs = hop.endedMs - call.startedMs;
    const method = methodClass(exchange.head.method, hop.grpc ? "grpc" : "http");
    ofService.callEnded(exchange.status, call.attempt, durationMs, hop.grpcStatus, method, failed);
    listener.counters.callEnded(exchange.status, durationMs);
    if (error !== undefined) {
      if (error.code === "DEADLINE_EXCEEDED") ofService.timeouts++;
      else if (error.code === "ATTEMPT_TIMEOUT") ofService.attemptTimeouts++;
    }
    this.log?.write(entryOfHop(hop, this.epochMs()));
  }

  /** One was answered before any service was asked. @param grpcStatus what it was told; -1: no status of gRPC */
  refused(
    exchange: CallerExchange,
    listener: ListenerHandle,
    grpcStatus: number,
    flag: ResponseFlag,
    why: string,
  ): void {
    listener.counters.callEnded(exchange.status, 0);
    this.log?.write(entryOfRefused(exchange, listener.name, grpcStatus, flag, why, this.epochMs()));
  }

  /** Bytes came that are no request. */
  malformed(bytes: RefusedBytes, listener: string): void {
    this.log?.write(entryOfBytes(bytes, listener, this.epochMs()));
  }

  /** A caller of a listener with TLS had no session. */
  unsecured(peer: string, why: string, listener: string): void {
    const detail = `no TLS session: ${why}`;
    const bytes: RefusedBytes = { peer, protocol: "HTTP/1.1", status: 0, code: "tls", detail };
    this.log?.write(entryOfBytes(bytes, listener, this.epochMs()));
  }

  /** A TCP connection or a CONNECT is over. */
  tunnelled(entry: AccessEntry): void {
    this.log?.write(entry);
  }
}

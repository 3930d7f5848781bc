import { hasFailed } from "@weft/core";
import type { CallerExchange, RefusedBytes } from "@weft/http";
import { CallLog } from "@weft/runtime";
import { type HeaderSource, methodClass } from "@weft/telemetry";
import type { AccessEntry } from "../access-log/access-entry.ts";
import type { AccessLog } from "../access-log/access-log.ts";
import { entryOfBytes, entryOfHop, entryOfRefused, entryOfTurnedAway } from "../access-log/entry-of-hop.ts";
import type { Hop } from "../hop/hop.ts";
import type { ListenerHandle } from "../hop/listener-handle.ts";
import { traceHeader } from "../hop/traced-hop.ts";
import type { TurnedAwayConnections } from "../listener/turned-away.ts";
import type { Counters } from "../metrics/counters.ts";
import type { RefusalFlag } from "../metrics/listener-counters.ts";
import type { ServiceCounters } from "../metrics/service-counters.ts";
import { KeptShapes } from "./kept-shapes.ts";

export interface CallObserverPorts {
  /** Wall clock. */
  readonly epochMs: () => number;
  /** The policy clock. */
  readonly nowMs: () => number;
  /** Numbers calls, and requests that went to no service among them. */
  readonly nextCall: () => number;
  /** The trace that a request came with; "" for none. */
  readonly traceIdOf: (request: HeaderSource) => string;
}

/** Of a request that went to no service: it was told all that it was to be told. */
const ANSWERED = { error: undefined, call: { cutBy: undefined } };

/** Counts every exchange that ends, and writes its line when there is an access log. */
export class CallObserver {
  readonly counters: Counters;
  /** The last ones, for `explain` and the dashboard. */
  readonly calls: CallLog = new CallLog();
  /** Undefined: there is none. */
  log: AccessLog | undefined = undefined;
  /** Wall clock. */
  readonly epochMs: () => number;
  readonly #ports: CallObserverPorts;
  readonly #shapes: KeptShapes = new KeptShapes();

  constructor(counters: Counters, ports: CallObserverPorts) {
    this.counters = counters;
    this.epochMs = ports.epochMs;
    this.#ports = ports;
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
    this.#shapes.keep(hop);
  }

  /**
   * One was answered before any service was asked. It begins no trace, for nothing goes on from here.
   *
   * @param grpcStatus what it was told; -1: no status of gRPC
   * @param code by which the answer says why
   */
  refused(
    exchange: CallerExchange,
    listener: ListenerHandle,
    grpcStatus: number,
    { flag, code, why }: { readonly flag: RefusalFlag; readonly code: string; readonly why: string },
  ): void {
    listener.counters.callEnded(exchange.status, 0);
    const traceId = this.#ports.traceIdOf({ header: (name) => traceHeader(exchange.head, name) });
    const entry = entryOfRefused(exchange, listener.name, grpcStatus, traceId, flag, why, this.epochMs());
    this.#refuse(entry, flag, code, listener);
  }

  /** Bytes came that are no request. */
  malformed(bytes: RefusedBytes, listener: ListenerHandle): void {
    const entry = entryOfBytes(bytes, listener.name, this.epochMs());
    this.#refuse(entry, bytes.status === 408 ? "SI" : "DPE", bytes.code, listener);
  }

  /** A caller of a listener with TLS had no session. */
  unsecured(peer: string, why: string, listener: ListenerHandle): void {
    this.malformed({ peer, protocol: "HTTP/1.1", status: 0, code: "tls", detail: `no TLS session: ${why}` }, listener);
  }

  /** A TCP connection or a CONNECT is over. */
  tunnelled(entry: AccessEntry): void {
    this.log?.write(entry);
  }

  /** A TCP connection ended before a service was asked. */
  untunnelled(entry: AccessEntry, flag: RefusalFlag, code: string): void {
    this.#refuse(entry, flag, code, { side: "outbound", counters: this.counters.listener(entry.listener) });
  }

  /** Connections ended at once, for the listener had no room. They were counted one by one: this is one line of all. */
  turnedAway(connections: TurnedAwayConnections, listener: string, side: ListenerHandle["side"]): void {
    this.#remember(entryOfTurnedAway(connections, listener, this.epochMs()), "LR", "CONNECTION_REFUSED", side);
  }

  #refuse(
    entry: AccessEntry,
    flag: RefusalFlag,
    error: string,
    { side, counters }: Pick<ListenerHandle, "side" | "counters">,
  ): void {
    counters.refused[flag]++;
    this.#remember(entry, flag, error, side);
  }

  #remember(entry: AccessEntry, flag: RefusalFlag, error: string, side: ListenerHandle["side"]): void {
    const { authority: asked, durationMs, status, grpcStatus, traceId, why } = entry;
    this.calls.refused({
      call: this.#ports.nextCall(),
      side,
      asked,
      startedMs: this.#ports.nowMs() - durationMs,
      durationMs,
      status,
      grpcStatus,
      error,
      traceId: traceId === "" ? undefined : traceId,
      // Of those without a status the mesh is to blame for what it does not know, and for what it cuts.
      failed: hasFailed({ ...entry, ...ANSWERED }) || (status === 0 && (flag === "NR" || flag === "LR")),
      refusal: { flag, why: why.join("; ") },
    });
    this.log?.write(entry);
  }
}

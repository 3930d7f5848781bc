import { isDeepStrictEqual } from "node:util";
import type { Policy } from "@weft/config";
import type { Time } from "@weft/core";
import { type CallTracing, callTracing, type HeaderSource, type Propagation, propagation } from "@weft/telemetry";
import type { SpanNumbers } from "../metrics/shown.ts";
import { type Collector, type CollectorPorts, openCollector } from "./collector.ts";

export interface SidecarTelemetryPorts extends CollectorPorts {
  readonly time: Time;
  /** Wall clock. */
  readonly epochMs: () => number;
}

/**
 * Traces the calls of a sidecar as its policy in force says. A trace is always carried on; spans are made only while
 * there is a collector to send them to.
 */
export class SidecarTelemetry {
  readonly tracing: CallTracing;
  readonly #ports: SidecarTelemetryPorts;
  #policy: Policy;
  #propagation: Propagation;
  #collector: Collector | undefined = undefined;
  /** Spans that never arrived at collectors that were in force before. */
  #lostBefore = 0;
  readonly #closing = new Set<Promise<void>>();

  constructor(policy: Policy, ports: SidecarTelemetryPorts) {
    const { time, epochMs } = ports;
    this.#ports = ports;
    this.#policy = policy;
    this.#propagation = propagation(policy.telemetry.propagation);
    this.tracing = callTracing({
      sampling: (service) => this.#policy.services.get(service)?.tracing ?? this.#policy.telemetry.tracing,
      attempts: () => this.#policy.telemetry.attempts,
      propagation: () => this.#propagation,
      sink: () => this.#collector?.sink,
      nowMs: () => time.nowMs(),
      epochMs,
    });
  }

  /** What became of the spans of calls; undefined: none are made. */
  get spans(): SpanNumbers | undefined {
    const collector = this.#collector;
    return collector && { ...this.tracing.counts, lost: this.#lostBefore + collector.sink.dropped };
  }

  /** The trace that a request came with; "" for none that can be read. */
  traceIdOf(request: HeaderSource): string {
    return this.#propagation.extract(request).parent?.traceId ?? "";
  }

  /**
   * Makes what another policy needs, and touches nothing yet.
   *
   * @returns the way to put it in force, and the way to let go of it when something else stands against it
   * @throws MeshError BAD_CONFIG when a secret cannot be read
   */
  async prepare(policy: Policy): Promise<{ readonly commit: () => void; readonly abandon: () => void }> {
    const { otlp } = policy.telemetry;
    const kept = isDeepStrictEqual(sentBy(policy), sentBy(this.#policy)) ? this.#collector : undefined;
    const opens = otlp !== undefined && kept === undefined;
    const opened = opens ? await openCollector(otlp, policy.telemetry, this.#ports) : undefined;
    return {
      commit: () => {
        this.#policy = policy;
        this.#propagation = propagation(policy.telemetry.propagation);
        if (kept !== undefined) return;
        this.#leave();
        this.#collector = opened;
      },
      abandon: () => this.#let(opened),
    };
  }

  /** Sends what is left, for a bounded time. */
  async close(): Promise<void> {
    this.#leave();
    await Promise.all(this.#closing);
  }

  /** The collector in force is left, and sends what it has left. */
  #leave(): void {
    const collector = this.#collector;
    this.#collector = undefined;
    this.#let(collector);
  }

  #let(collector: Collector | undefined): void {
    if (collector === undefined) return;
    const closing = collector.close().finally(() => {
      this.#lostBefore += collector.sink.dropped;
      this.#closing.delete(closing);
    });
    this.#closing.add(closing);
  }
}

/** What a collector is opened by. */
function sentBy({ telemetry: { otlp, serviceName, metricsIntervalMs } }: Policy): readonly unknown[] {
  return [otlp, serviceName, metricsIntervalMs];
}

import { isDeepStrictEqual } from "node:util";
import type { Policy } from "@weft/config";
import type { Time } from "@weft/core";
import { type CallTracing, callTracing, type Propagation, propagation, type SpanSink } from "@weft/telemetry";
import type { SpanNumbers } from "../metrics/shown.ts";
import { openCollector } from "./collector.ts";

export interface SidecarTelemetryPorts {
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
  #policy: Policy;
  #propagation: Propagation;
  #sink: SpanSink | undefined = undefined;
  /** Spans that never arrived at collectors that were in force before. */
  #lost = 0;
  readonly #closing = new Set<Promise<void>>();

  constructor(policy: Policy, { time, epochMs }: SidecarTelemetryPorts) {
    this.#policy = policy;
    this.#propagation = propagation(policy.telemetry.propagation);
    this.tracing = callTracing({
      sampling: (service) => this.#policy.services.get(service)?.tracing ?? this.#policy.telemetry.tracing,
      attempts: () => this.#policy.telemetry.attempts,
      propagation: () => this.#propagation,
      sink: () => this.#sink,
      nowMs: () => time.nowMs(),
      epochMs,
    });
  }

  /** What became of the spans of calls; undefined: none are made. */
  get spans(): SpanNumbers | undefined {
    if (this.#sink === undefined) return undefined;
    return { ...this.tracing.counts, lost: this.#lost + this.#sink.dropped };
  }

  /**
   * Makes what another policy needs, and touches nothing yet.
   *
   * @returns the way to put it in force, and the way to let go of it when something else stands against it
   * @throws MeshError BAD_CONFIG when a secret cannot be read
   */
  async prepare(policy: Policy): Promise<{ readonly commit: () => void; readonly abandon: () => void }> {
    const { otlp, serviceName } = policy.telemetry;
    const before = this.#policy.telemetry;
    const same = isDeepStrictEqual([otlp, serviceName], [before.otlp, before.serviceName]);
    const kept = same ? this.#sink : undefined;
    const sink = kept ?? (otlp === undefined ? undefined : await openCollector(otlp, serviceName));
    return {
      commit: () => {
        const old = this.#sink;
        this.#policy = policy;
        this.#propagation = propagation(policy.telemetry.propagation);
        this.#sink = sink;
        if (old !== sink) this.#let(old);
      },
      abandon: () => {
        if (sink !== kept) this.#let(sink);
      },
    };
  }

  /** Sends what is left, for a bounded time. */
  async close(): Promise<void> {
    this.#let(this.#sink);
    this.#sink = undefined;
    await Promise.all(this.#closing);
  }

  #let(sink: SpanSink | undefined): void {
    if (sink === undefined) return;
    const closing = sink.close().finally(() => (this.#lost += sink.dropped));
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}

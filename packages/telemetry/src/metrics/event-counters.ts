import type { Meter } from "@opentelemetry/api";
import type { ObservedHome } from "@weft/core";
import { counter } from "./make-instrument.ts";

/**
 * Counts what a home reports. None of these events is on the way of a call that goes well.
 *
 * @returns the way to stop
 */
export function countEvents(meter: Meter, home: ObservedHome): () => void {
  const retries = counter(meter, "weft.retries");
  const denied = counter(meter, "weft.retries.denied");
  const hedges = counter(meter, "weft.hedges");
  const won = counter(meter, "weft.hedges.won");
  const moved = counter(meter, "weft.sessions.moved");
  const ejections = counter(meter, "weft.ejections");
  const suppressed = counter(meter, "weft.ejections.suppressed");
  const changes = counter(meter, "weft.breaker.changes");
  const limits = counter(meter, "weft.limits.reached");
  const lost = counter(meter, "weft.discovery.lost");
  const held = counter(meter, "weft.discovery.answers.held");
  const stops = [
    home.on("retry.started", ({ service }) => retries.add(1, of(service))),
    home.on("retry.denied", ({ service, reason }) => denied.add(1, of(service, "weft.reason", reason))),
    home.on("hedge.started", ({ service }) => hedges.add(1, of(service))),
    home.on("hedge.won", ({ service }) => won.add(1, of(service))),
    home.on("session.moved", ({ service }) => moved.add(1, of(service))),
    home.on("endpoint.ejected", ({ service, reason }) => ejections.add(1, of(service, "weft.reason", reason))),
    home.on("endpoint.kept", ({ service, reason }) => suppressed.add(1, of(service, "weft.reason", reason))),
    home.on("breaker.changed", ({ service, to }) => changes.add(1, of(service, "weft.breaker", to))),
    home.on("limit.reached", ({ service, limit }) => limits.add(1, of(service, "weft.limit", limit))),
    home.on("discovery.freshness", ({ service, to }) => {
      if (to === "stale") lost.add(1, of(service));
    }),
    home.on("discovery.held", ({ service }) => held.add(1, of(service))),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function of(service: string, name?: string, value?: string): Record<string, string> {
  return name === undefined || value === undefined
    ? { "server.address": service }
    : { "server.address": service, [name]: value };
}

import { randomBytes } from "node:crypto";
import type { SecureContext } from "node:tls";
import type { Policy } from "@weft/config";
import { type Events, type Time, TimeoutQueues } from "@weft/core";
import { systemRandom, systemTime } from "@weft/discovery";
import { SEEN } from "@weft/http";
import { homeEvents } from "@weft/runtime";
import type { ListenerHandle } from "./hop/listener-handle.ts";
import { viaFields } from "./hop/outgoing-request.ts";
import type { ListenerPorts } from "./listener/listener-ports.ts";
import { TurnedAway } from "./listener/turned-away.ts";
import { Counters } from "./metrics/counters.ts";
import type { ProcessStats } from "./metrics/process-meter.ts";
import type { MetricsState } from "./metrics/shown.ts";
import { CallObserver } from "./observe/call-observer.ts";
import { CutOff } from "./observe/cut-off.ts";
import { SidecarTelemetry } from "./observe/sidecar-telemetry.ts";
import { Services } from "./service/services.ts";
import type { SidecarOptions } from "./sidecar-options.ts";

/** What a sidecar consists of, besides its listeners. */
export interface SidecarParts {
  readonly time: Time;
  readonly random: NonNullable<SidecarOptions["random"]>;
  readonly events: Events;
  readonly timeouts: TimeoutQueues;
  readonly observer: CallObserver;
  readonly telemetry: SidecarTelemetry;
  readonly services: Services;
  readonly ports: ListenerPorts;
}

/**
 * Makes the parts and joins them.
 *
 * @param inForce the policy at the moment of asking
 * @param contextOf certificates and authorities of a service, at the moment of asking; undefined: it has no TLS
 * @param measured all numbers as they stand, around those of the process
 * @throws MeshError BAD_CONFIG for a policy that cannot be acted on
 */
export function sidecarParts(
  options: SidecarOptions,
  inForce: () => Policy,
  contextOf: (service: string) => SecureContext | undefined,
  measured: (process: ProcessStats) => MetricsState,
): SidecarParts {
  const { time = systemTime, random = systemRandom, onEvent, log = () => {} } = options;
  const events = homeEvents(onEvent);
  const timeouts = new TimeoutQueues(time);
  let numbered = 0;
  const nextCall = (): number => ++numbered;
  const observer = new CallObserver(new Counters(events), {
    epochMs: Date.now,
    nowMs: () => time.nowMs(),
    nextCall,
    traceIdOf: (request) => telemetry.traceIdOf(request),
  });
  // Another one for each process: whoever sees it twice has sent a request in a circle.
  const pseudonym = `weft-${randomBytes(4).toString("hex")}`;
  const telemetry = new SidecarTelemetry(options.policy, {
    time,
    epochMs: Date.now,
    measured,
    log,
  });
  const services = new Services(options.policy, () => inForce().sidecar?.outbound?.consul === true, {
    time,
    random,
    events,
    timeouts,
    nextCall,
    calls: observer.calls,
    tracing: telemetry.tracing,
    epochMs: Date.now,
    via: viaFields(pseudonym),
    observer,
    contextOf,
    log,
    registry: options.registry,
    forgotten: (name) => observer.counters.forgetService(name),
  });
  const ports: ListenerPorts = {
    services,
    timeouts,
    time,
    observer,
    of: (listener, handle) => ({
      time,
      counters: listener.counters,
      handle(exchange) {
        // A socket that was reset no longer knows its peer, which the line wants at the end. The first asking keeps it for
        // the connection; it costs 8 us, so only where there is a log.
        if (observer.log !== undefined) void exchange.peer;
        handle(exchange);
      },
      refused: (bytes) => observer.malformed(bytes, listener),
      unsecured: (peer, why) => observer.unsecured(peer, why, listener),
      cutOff: new CutOff(listener.name, "of", time, log),
      turnedAway: new TurnedAway(time, (connections) => observer.turnedAway(connections, listener.name, listener.side)),
    }),
    handle: (of): ListenerHandle => ({
      ...of,
      counters: observer.counters.listener(of.name),
      get names() {
        if (of.side === "outbound") return undefined;
        const { sidecar, telemetry: told } = inForce();
        return sidecar?.service ?? told.serviceName;
      },
    }),
    loops: (head) => (head.seen & SEEN.via) !== 0 && (head.get("via") ?? "").split(pseudonym).length > 2,
  };
  return { time, random, events, timeouts, observer, telemetry, services, ports };
}

import { ejectByHand, restoreByHand, statsOf } from "@weft/runtime";
import { type Clock, MeshError } from "@weft/core";
import type { CallObserver } from "../observe/call-observer.ts";
import type { Services } from "../service/services.ts";
import type { SidecarService } from "../service/sidecar-service.ts";
import type { ActionResult, AdminView, ConfigView, Readiness, ServiceView } from "./admin-view.ts";

export interface SidecarViewPorts {
  readonly services: Services;
  readonly observer: CallObserver;
  readonly time: Clock;
  readonly readiness: () => Readiness;
  readonly config: () => ConfigView;
  readonly metrics: () => string;
  readonly drain: () => void;
}

/** The sidecar, as its admin API shows it. */
export function sidecarView(ports: SidecarViewPorts): AdminView {
  const { observer, time, readiness, config, metrics, drain } = ports;
  const { inUse } = ports.services;
  const act = (name: string, action: (service: SidecarService) => void): ActionResult => {
    const service = inUse.get(name);
    if (service === undefined) return "no-such-service";
    try {
      action(service);
      return "done";
    } catch (error) {
      if (error instanceof MeshError && error.code === "NO_ENDPOINTS") return "no-such-endpoint";
      throw error;
    }
  };
  const view = (name: string): ServiceView | undefined => {
    const service = inUse.get(name);
    return service && viewOf(service);
  };
  return {
    sinceEpochMs: Date.now(),
    readiness,
    services: () => [...inUse.values()].map(viewOf),
    service: view,
    counted: (name) => observer.counters.services.get(name),
    decisions: (name, call) => inUse.get(name)?.runtime.cluster.explain(call),
    calls: observer.calls,
    nowMs: () => time.nowMs(),
    epochMs: observer.epochMs,
    config,
    metrics,
    eject: (name, endpoint, forMs) => act(name, ({ runtime }) => ejectByHand(runtime, endpoint, forMs)),
    restore: (name, endpoint) => act(name, ({ runtime }) => restoreByHand(runtime, endpoint)),
    drain,
  };
}

/** One service as it stands. */
export function viewOf({ runtime }: SidecarService): ServiceView {
  return { ...statsOf(runtime), source: runtime.watch.membership.source };
}

import type { CallPolicy } from "@weft/config";
import { type Call, MeshError, type Service, type Time, type TimeoutQueues, type Tracing } from "@weft/core";
import { type Attempts, callStack, type Paths, type ServiceRuntime, type StackParts } from "@weft/runtime";
import type { ServiceCounters } from "../metrics/service-counters.ts";
import type { TunnelAttempt } from "./tunnel-attempt.ts";
import { TunnelCall, type TunnelCaller } from "./tunnel-call.ts";

/** What the tunnels to one service share. */
export interface TunnelPorts {
  readonly runtime: ServiceRuntime;
  readonly counters: ServiceCounters;
  readonly time: Time;
  readonly tracing: Tracing;
  /** Of connects and of idle tunnels. */
  readonly timeouts: TimeoutQueues;
}

/** The way of a tunnel under one policy. */
export interface TunnelPath {
  readonly service: Service<TunnelCall, TunnelAttempt>;
}

/**
 * The way of byte tunnels to one service: picked, limited, retried and judged like any call, as far as connecting goes.
 * Made once for each ServiceRuntime.
 */
export class TunnelWay {
  readonly runtime: ServiceRuntime;
  readonly #ports: TunnelPorts;
  readonly #paths: Paths<TunnelPath>;

  constructor(ports: TunnelPorts) {
    this.runtime = ports.runtime;
    this.#ports = ports;
    this.#paths = ports.runtime.paths(tunnelPath);
  }

  /**
   * Connects a caller with an endpoint of the service. Never throws; what comes of it is told to the caller, perhaps
   * before this returns.
   *
   * @param idleMs the tunnel is cut after so long without a byte from either side, > 0; Infinity: never
   */
  open(caller: TunnelCaller, idleMs: number): TunnelCall {
    const { runtime } = this.#ports;
    const path = this.#paths.unruled ?? this.#paths.of(NO_REQUEST);
    // Only connecting is ever repeated, and that no endpoint can have acted on.
    const { hashKeys } = runtime;
    const call = runtime.newCall(false);
    if (hashKeys !== undefined) call.hash = hashKeys.of({ ...NOTHING_HASHED, address: caller.address });
    const tunnel = new TunnelCall(caller, call, path, this.#ports, idleMs);
    tunnel.begin();
    return tunnel;
  }
}

/** What rules see of a tunnel: those for any call hold for it, too. */
const NO_REQUEST = { method: "CONNECT", path: "", header: (): undefined => undefined };

/** What can be hashed of one, but for where it comes from. */
const NOTHING_HASHED = { path: "", values: (): readonly string[] => [], setCookie: (): void => {} };

function tunnelPath(policy: CallPolicy, parts: StackParts): TunnelPath {
  return { service: callStack(policy, parts, ATTEMPTS, transport) };
}

const ATTEMPTS: Attempts<TunnelCall, TunnelAttempt> = {
  resultOf: (attempt) => attempt.result,
  // What rejects is a refusal of the mesh itself: no endpoint, no room. Asking again at once changes nothing of it.
  resultOfError: () => undefined,
  // Nothing of the caller's has been sent before there is a connection.
  repeatable: () => true,
  discard: () => {},
};

/** Hands the lease of the pick on. */
function transport(tunnel: TunnelCall, call: Call): TunnelAttempt["done"] {
  const { lease } = call;
  // The pick layer, further out, has just put it there.
  if (lease === undefined) throw new MeshError("CLOSED", "an attempt without a lease");
  call.lease = undefined;
  return tunnel.send(lease);
}

import { EventEmitter } from "node:events";
import { MeshError } from "@weft/core";
import CircuitBreaker from "opossum";
import type { KnownSettings } from "./settings.ts";

/** The part of an opossum circuit that weft uses: every `CircuitBreaker` of opossum 8 to 10 has it. */
export interface OpossumCircuit {
  readonly closed: boolean;
  readonly halfOpen: boolean;
  readonly isShutdown: boolean;
  /** Counts over the rolling window. */
  readonly stats: { readonly fires: number; readonly failures: number };
  fire(...args: never[]): Promise<unknown>;
  emit(event: "reject", error: Error): boolean;
  prependListener(event: "open" | "halfOpen" | "close", listener: () => void): unknown;
  off(event: "open" | "halfOpen" | "close", listener: () => void): unknown;
  shutdown(): void;
}

/** A circuit with what an engine must know of it beside. */
export interface CircuitHold {
  readonly circuit: OpossumCircuit;
  readonly resetTimeoutMs: number;
  /** Moves the window on by so many buckets. Nothing for a circuit that turns its own. */
  turn(buckets: number): void;
  /** Length of one bucket in ms; Infinity for a circuit that turns its own. */
  readonly bucketMs: number;
  /** Ends what was built here. Another's circuit is left as it is. */
  end(): void;
}

/** Builds a circuit without a timer of its own but that of the cool-down, and without anything that is shared. */
export function buildCircuit(settings: KnownSettings): CircuitHold {
  const rotor = new EventEmitter();
  const circuit = new CircuitBreaker(async () => {}, {
    ...settings,
    timeout: false,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    rotateBucketController: rotor,
  });
  return {
    circuit,
    resetTimeoutMs: settings.resetTimeout,
    turn(buckets) {
      for (let i = 0; i < Math.min(buckets, settings.rollingCountBuckets); i++) rotor.emit("rotate");
    },
    bucketMs: settings.rollingCountTimeout / settings.rollingCountBuckets,
    end: () => circuit.shutdown(),
  };
}

/**
 * Takes a circuit that the user built.
 *
 * @throws MeshError BAD_CONFIG for what is no circuit of opossum, or one that answers calls out of a cache
 */
export function adoptCircuit(service: string, circuit: OpossumCircuit): CircuitHold {
  const options: unknown = Reflect.get(circuit, "options");
  if (typeof options !== "object" || options === null || typeof Reflect.get(circuit, "action") !== "function") {
    throw new MeshError("BAD_CONFIG", "breaker is no CircuitBreaker of opossum", { service });
  }
  for (const name of ["cache", "coalesce"]) {
    if (Reflect.get(options, name) !== true) continue;
    const problem = `breaker has the option ${name}: outcomes would be lost in it; build the breaker without`;
    throw new MeshError("BAD_CONFIG", problem, { service });
  }
  const resetTimeout: unknown = Reflect.get(options, "resetTimeout");
  return {
    circuit,
    resetTimeoutMs: typeof resetTimeout === "number" ? resetTimeout : 30_000,
    turn: () => {},
    bucketMs: Number.POSITIVE_INFINITY,
    end: () => {},
  };
}

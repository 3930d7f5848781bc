import { type Breaker, circuitBreaker, type Clock, DecisionLog, type Events, type Layer, MeshError } from "@weft/core";
import { adoptCircuit, buildCircuit, type OpossumCircuit } from "./circuit.ts";
import { OpossumEngine } from "./opossum-engine.ts";
import { type OpossumSettings, parseSettings } from "./settings.ts";

export interface OpossumPorts {
  readonly clock: Clock;
  /** Told `breaker.changed`. */
  readonly events: Events;
  /** Where refusals are recorded for `explain`. Default: nowhere. */
  readonly decisions?: DecisionLog;
}

/** The circuit breaker's place in a stack, with an opossum circuit as its engine. */
export interface OpossumLayer<Req, Res> extends Layer<Req, Res> {
  readonly breaker: Breaker;
  /** For opossum's own metrics, and to open or close the circuit by hand. */
  readonly circuit: OpossumCircuit;
  /** Refuses every call from now on and ends the circuit; one that the user built is only let go. */
  close(): void;
}

/**
 * Refuses calls to a service whose opossum circuit is open.
 *
 * A call is judged by its final answer, as its caller sees it. opossum never runs it: it is told the outcome, so its
 * timeout, capacity and fallback touch no call. One layer for each service.
 *
 * @param options  when to open, by opossum's names; or `{ breaker }`, a circuit that the user built
 * @throws MeshError BAD_CONFIG naming the service and every mistake in the options. From the layer: MeshError
 * CIRCUIT_OPEN while the circuit is open, CLOSED after `close()` or the circuit's own `shutdown()`
 */
export function opossumBreaker<Req, Res>(
  service: string,
  options: OpossumSettings | { readonly breaker: OpossumCircuit },
  ports: OpossumPorts,
): OpossumLayer<Req, Res> {
  const hold = hasBreaker(options) ? adopt(service, options) : buildCircuit(parseSettings(service, options));
  const { clock, events } = ports;
  const engine = new OpossumEngine(hold, clock, (from, to, why) => {
    if (events.wants("breaker.changed")) events.emit("breaker.changed", { service, from, to, why });
  });
  const layer = circuitBreaker<Req, Res>(engine, { decisions: ports.decisions ?? new DecisionLog(1) });
  let closed = false;

  return {
    ...layer,
    breaker: engine,
    circuit: hold.circuit,
    wrap(next) {
      const guarded = layer.wrap(next);
      return (request, call) => {
        if (!closed && !hold.circuit.isShutdown) return guarded(request, call);
        const problem = "its opossum breaker was shut down, so no call is sent";
        return Promise.reject(new MeshError("CLOSED", problem, { service: call.service, neverSent: true }));
      };
    },
    close() {
      if (closed) return;
      closed = true;
      engine.close();
    },
  };
}

/** Callers in JavaScript may give anything. */
function hasBreaker<Given>(options: Given): options is Given & { readonly breaker: OpossumCircuit } {
  return typeof options === "object" && options !== null && "breaker" in options;
}

function adopt(service: string, options: { readonly breaker: OpossumCircuit }): ReturnType<typeof adoptCircuit> {
  const others = Object.keys(options).filter((name) => name !== "breaker");
  if (others.length === 0) return adoptCircuit(service, options.breaker);
  const problem = `opossum breaker: ${others.join(", ")} beside breaker: give a breaker or its settings, not both`;
  throw new MeshError("BAD_CONFIG", problem, { service });
}

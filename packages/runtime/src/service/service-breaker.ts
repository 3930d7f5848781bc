import { isDeepStrictEqual } from "node:util";
import type { ServicePolicy } from "@weft/config";
import { type Breaker, CircuitBreaker } from "@weft/core";
import type { OtherBreaker, RuntimePorts } from "./runtime-ports.ts";

/** The circuit breaker of one service: the policy's, or one that was brought along for it. */
export class ServiceBreaker {
  /** Undefined: the service has none. */
  breaker: Breaker | undefined;
  readonly #service: string;
  readonly #ports: Pick<RuntimePorts, "events">;
  #other: OtherBreaker | undefined;

  constructor(service: string, policy: ServicePolicy, ports: Pick<RuntimePorts, "breakers" | "events" | "time">) {
    const { breakers = {}, events, time } = ports;
    this.#service = service;
    this.#ports = ports;
    if (Object.hasOwn(breakers, service)) this.#other = breakers[service]!({ clock: time, events });
    this.breaker = this.#other?.breaker ?? this.#own(policy);
  }

  /** One that stays as it was keeps its state; one that was brought along is no policy's to change. */
  configure(before: ServicePolicy, policy: ServicePolicy): void {
    if (this.#other === undefined && !isDeepStrictEqual(before.breaker, policy.breaker))
      this.breaker = this.#own(policy);
  }

  /** Lets go of what was brought along, once. */
  close(): void {
    this.#other?.close?.();
    this.#other = undefined;
  }

  #own({ breaker }: ServicePolicy): Breaker | undefined {
    return (
      breaker &&
      new CircuitBreaker(breaker, (from, to, why) => {
        this.#ports.events.emit("breaker.changed", { service: this.#service, from, to, why });
      })
    );
  }
}

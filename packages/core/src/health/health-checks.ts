import type { Endpoint } from "../endpoint.ts";
import { type CheckSchedule, SCHEDULE_DEFAULTS } from "../policy/health-check/check-schedule.ts";
import type { ProbeResult } from "../policy/health-check/endpoint-health.ts";
import type { Random, Time } from "../time/time.ts";
import { EndpointCheck } from "./endpoint-check.ts";

/** Who is told what checks find: a `BalancedCluster`. */
export interface CheckedCluster {
  checked(id: string, result: ProbeResult): void;
  forgetChecks(): void;
}

/**
 * Asks one endpoint whether it is fit. What it throws is a failed check, and its message the reason.
 *
 * @param signal aborts when the check took too long or is no longer wanted: let go of the connection then
 */
export type Probe = (endpoint: Endpoint, signal: AbortSignal) => Promise<ProbeResult>;

export interface HealthChecksOptions {
  readonly cluster: CheckedCluster;
  readonly time: Time;
  readonly random: Random;
  readonly probe: Probe;
  readonly schedule?: CheckSchedule;
}

/**
 * Checks the endpoints of one service, each on its own, and tells the cluster what comes of it.
 *
 * At most one probe of an endpoint is under way. Endpoints that drain are not checked. The timers do not keep the
 * process alive. Knows no protocol: the home that makes one brings the probe.
 */
export class HealthChecks {
  readonly #options: HealthChecksOptions;
  readonly #byId = new Map<string, EndpointCheck>();
  #schedule: CheckSchedule;
  #closed = false;

  constructor(options: HealthChecksOptions) {
    this.#options = options;
    this.#schedule = options.schedule ?? SCHEDULE_DEFAULTS;
  }

  /** Checks these endpoints from now on, and no others. An endpoint with another address is another one. */
  follow(endpoints: readonly Endpoint[]): void {
    if (this.#closed) return;
    const wanted = new Map<string, Endpoint>();
    // Of two endpoints with one id the first counts, as in the cluster.
    for (const one of endpoints) if (!wanted.has(one.id)) wanted.set(one.id, one);
    for (const [id, check] of this.#byId) {
      const now = wanted.get(id);
      if (now !== undefined && now.state !== "draining" && check.sameAddress(now)) continue;
      check.stop();
      this.#byId.delete(id);
    }
    for (const [id, endpoint] of wanted) {
      const check = this.#byId.get(id);
      if (check !== undefined) check.endpoint = endpoint;
      else if (endpoint.state !== "draining") this.#byId.set(id, this.#begin(endpoint));
    }
  }

  /** Other times, from the next check of each endpoint on. */
  configure(schedule: CheckSchedule): void {
    this.#schedule = schedule;
  }

  /** Ends all checks, aborts the probes under way, and makes the cluster forget what they found. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const check of this.#byId.values()) check.stop();
    this.#byId.clear();
    this.#options.cluster.forgetChecks();
  }

  #begin(endpoint: Endpoint): EndpointCheck {
    const { cluster, time, random, probe } = this.#options;
    return new EndpointCheck(endpoint, {
      time,
      random,
      probe,
      schedule: () => this.#schedule,
      found: (id, result) => cluster.checked(id, result),
    });
  }
}

/** What active checks say of an endpoint. */
export type Health =
  /** No check has said anything yet: the registry's word counts. */
  | { readonly kind: "unchecked" }
  | { readonly kind: "healthy"; readonly sinceMs: number }
  | {
      readonly kind: "unhealthy";
      readonly sinceMs: number;
      /** In words: `3 checks failed in a row, the last: connection refused`. */
      readonly why: string;
    };

/** What one check of an endpoint found. */
export type ProbeResult = { readonly kind: "passed" } | { readonly kind: "failed"; readonly why: string };

export interface HealthThresholds {
  /** Failures in a row after which an endpoint is unhealthy, >= 1. Default 3. */
  readonly failAfter: number;
  /** Passes in a row after which it is healthy again, >= 1. Default 2. */
  readonly passAfter: number;
}

export const HEALTH_DEFAULTS: HealthThresholds = { failAfter: 3, passAfter: 2 };

const UNCHECKED: Health = { kind: "unchecked" };

/**
 * Whether an endpoint is fit, by checks that are made of it and not by calls.
 *
 *   unchecked --(one pass)--> healthy --(failAfter failures in a row)--> unhealthy
 *       |                        ^                                          |   ^
 *       |                        +-----------(passAfter passes in a row)----+   |
 *       +------------------(failAfter failures in a row)------------------------+
 *
 * Until it is known to be unhealthy it keeps its traffic: an endpoint that the registry calls passing is not kept
 * waiting for our first check, and one lost probe decides nothing. Source: Envoy `health_checking` for the first pass;
 * unlike there, an unexpected status is a failure like any other. Reference 2.17.
 */
export class EndpointHealth {
  #state: Health = UNCHECKED;
  /** Results of one kind in a row: passes count up, failures down. */
  #row = 0;

  get state(): Health {
    return this.#state;
  }

  /** Whether it is kept out of traffic. */
  get unhealthy(): boolean {
    return this.#state.kind === "unhealthy";
  }

  /** @returns whether that changed who takes traffic: it became unhealthy, or healthy again */
  checked(result: ProbeResult, thresholds: HealthThresholds, nowMs: number): boolean {
    const before = this.#state;
    if (result.kind === "passed") {
      this.#row = Math.max(this.#row, 0) + 1;
      if (before.kind === "healthy") return false;
      if (before.kind === "unhealthy" && this.#row < thresholds.passAfter) return false;
      this.#state = { kind: "healthy", sinceMs: nowMs };
      return before.kind === "unhealthy";
    }
    this.#row = Math.min(this.#row, 0) - 1;
    const failures = -this.#row;
    if (before.kind === "unhealthy") {
      this.#state = { ...before, why: inWords(failures, result.why) };
      return false;
    }
    if (failures < thresholds.failAfter) return false;
    this.#state = { kind: "unhealthy", sinceMs: nowMs, why: inWords(failures, result.why) };
    return true;
  }

  /** Checks are made no more: what they said counts no longer. */
  forget(): void {
    this.#state = UNCHECKED;
    this.#row = 0;
  }
}

function inWords(failures: number, last: string): string {
  return failures === 1 ? `1 check failed: ${last}` : `${failures} checks failed in a row, the last: ${last}`;
}

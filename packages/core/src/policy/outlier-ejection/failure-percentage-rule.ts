import type { Counts } from "./counts.ts";

export interface FailurePercentageOptions {
  /** Share of failures that ejects, in (0, 1]. Default 0.85. */
  readonly threshold: number;
  /** Endpoints with enough attempts that there must be, >= 1. Default 5. */
  readonly minimumEndpoints: number;
  /** Attempts in a window that make an endpoint one of those, >= 1. Default 50. */
  readonly minimumAttempts: number;
}

/** Source: Envoy `failure_percentage_*`; gRPC A50. */
export const FAILURE_PERCENTAGE_DEFAULTS: FailurePercentageOptions = {
  threshold: 0.85,
  minimumEndpoints: 5,
  minimumAttempts: 50,
};

/**
 * Whether so large a share of an endpoint's attempts failed, whatever the others do. As Envoy has it.
 *
 * @param endpoints all of them, this one among them
 */
export function failsTooOften(
  host: Counts,
  endpoints: readonly Counts[],
  { threshold, minimumEndpoints, minimumAttempts }: FailurePercentageOptions = FAILURE_PERCENTAGE_DEFAULTS,
): boolean {
  if (host.attempts < minimumAttempts || host.failures / host.attempts < threshold) return false;
  return endpoints.filter(({ attempts }) => attempts >= minimumAttempts).length >= minimumEndpoints;
}

import type { Counts } from "./counts.ts";

export interface SuccessRateOptions {
  /** Endpoints with enough attempts that there must be, >= 1. Default 5. */
  readonly minimumEndpoints: number;
  /** Attempts in a window that make an endpoint one of those, >= 1. Default 100. */
  readonly minimumAttempts: number;
  /** How many standard deviations below the mean, > 0. Default 1.9. */
  readonly deviations: number;
}

/** Source: Envoy `success_rate_*`; gRPC A50. */
export const SUCCESS_RATE_DEFAULTS: SuccessRateOptions = {
  minimumEndpoints: 5,
  minimumAttempts: 100,
  deviations: 1.9,
};

/**
 * The share of successes below which an endpoint is an outlier among its kind: `mean - deviations * deviation`, over the
 * endpoints with enough attempts. As Envoy has it, for those who want the same.
 *
 * It has limits by its nature: one that deviates among fewer than five is never out, however bad; one error in 100
 * attempts is, when the others had none; and with more than a fifth of all endpoints dead, none is.
 *
 * @returns undefined when there are too few endpoints
 */
export function successRateThreshold(
  endpoints: readonly Counts[],
  { minimumEndpoints, minimumAttempts, deviations }: SuccessRateOptions = SUCCESS_RATE_DEFAULTS,
): number | undefined {
  const rates = endpoints
    .filter(({ attempts }) => attempts >= minimumAttempts)
    .map(({ failures, attempts }) => 1 - failures / attempts);
  if (rates.length < minimumEndpoints) return undefined;
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length;
  return mean - deviations * Math.sqrt(variance);
}

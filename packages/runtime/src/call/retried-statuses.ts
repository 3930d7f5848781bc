import { conditionOfStatus, type RetryOptions } from "@weft/core";

/**
 * The statuses that `retry.on` lists, by number or by the condition they meet. Their answers are held until retry has
 * decided; every other one may go to the caller in the tick it arrives.
 *
 * @param options undefined: no retries
 */
export function retriedStatuses(options: RetryOptions | undefined): ReadonlySet<number> {
  const statuses = new Set<number>();
  if (options === undefined || options.maxRetries === 0) return statuses;
  for (let status = 400; status < 600; status++) {
    const condition = conditionOfStatus(status);
    if (options.on.has(status) || (condition !== undefined && options.on.has(condition))) statuses.add(status);
  }
  return statuses;
}

import { isDeepStrictEqual } from "node:util";
import type { ServicePolicy } from "@weft/config";
import { type ConcurrencyLimit, type RetryBudget, retryBudget, RetryCap } from "@weft/core";

/** What bounds the retries of one service, over time and at once. */
export class ServiceRetries {
  budget: RetryBudget;
  readonly cap: RetryCap;

  /** @param calls those under way, of which only a share may be repeated at once */
  constructor({ retry }: ServicePolicy, calls: ConcurrencyLimit) {
    this.budget = retryBudget(retry?.budget);
    this.cap = new RetryCap(() => calls.running, retry?.cap);
  }

  /** A budget that stays as it was keeps what it has counted; retries under way count on in any case. */
  configure(before: ServicePolicy, { retry }: ServicePolicy): void {
    if (!isDeepStrictEqual(before.retry?.budget, retry?.budget)) this.budget = retryBudget(retry?.budget);
    if (retry !== undefined) this.cap.options = retry.cap;
  }
}

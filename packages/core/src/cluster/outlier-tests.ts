import type { Counts } from "../policy/outlier-ejection/counts.ts";
import { failsTooOften } from "../policy/outlier-ejection/failure-percentage-rule.ts";
import { isSlow } from "../policy/outlier-ejection/latency-rule.ts";
import type { OutlierOptions, OutlierTest } from "../policy/outlier-ejection/options.ts";
import { isWorse, RELATIVE_WINDOWS } from "../policy/outlier-ejection/relative-rule.ts";
import { successRateThreshold } from "../policy/outlier-ejection/success-rate-rule.ts";
import type { Node } from "./node.ts";

/** What a test found. */
export interface Finding {
  readonly test: OutlierTest;
  /** In words: `40 of 100 attempts failed in 10 s, of the others' 4 of 400`. */
  readonly why: string;
}

/** Between two looks at the same cluster in the mean at least, in ms, and so much more for each endpoint. */
const EVERY_MS = 100;
const EVERY_MS_PER_ENDPOINT = 0.1;
/** Looks that may come at once after a quiet time: the failure of one endpoint must not hide that of another. */
const AT_ONCE = 10;

/**
 * Compares an endpoint with the others in traffic, after a failure there or a slow answer. Not after each when there are
 * many: a look costs a step for each endpoint.
 */
export class OutlierTests {
  /** When all looks so far would have been had if they had come evenly. */
  #paidMs = Number.NEGATIVE_INFINITY;

  /**
   * @param nodes those in traffic, this one among them
   * @returns undefined when it is no outlier, or it is too early to look again
   */
  judge(node: Node, nodes: readonly Node[], options: OutlierOptions, nowMs: number): Finding | undefined {
    if (nodes.length < 2 || !isCompared(options)) return undefined;
    if (!this.#mayLook(Math.max(EVERY_MS, nodes.length * EVERY_MS_PER_ENDPOINT), nowMs)) return undefined;
    for (const { outcomes } of nodes) outcomes?.turnTo(nowMs);
    return relative(node, nodes, options) ?? byEnvoy(node, nodes, options) ?? slow(node, nodes, options, nowMs);
  }

  #mayLook(everyMs: number, nowMs: number): boolean {
    const aheadMs = this.#paidMs - nowMs;
    // Further ahead than looks can bring it, the clock was set back: then it is not too early.
    if (aheadMs > everyMs * (AT_ONCE - 1) && aheadMs <= everyMs * AT_ONCE) return false;
    this.#paidMs = (aheadMs > 0 && aheadMs <= everyMs * AT_ONCE ? this.#paidMs : nowMs) + everyMs;
    return true;
  }
}

/** Whether it is a test that found the reason. */
export function isOutlierTest(reason: string): reason is OutlierTest {
  return reason in TESTS;
}

const TESTS: Readonly<Record<OutlierTest, true>> = {
  relative: true,
  "success-rate": true,
  "failure-percentage": true,
  latency: true,
};

/** Whether any test compares endpoints. */
export function isCompared({ relative: on, successRate, failurePercentage, latency }: OutlierOptions): boolean {
  return on || successRate !== undefined || failurePercentage !== undefined || latency !== undefined;
}

function relative(node: Node, nodes: readonly Node[], { relative: on }: OutlierOptions): Finding | undefined {
  if (!on) return undefined;
  for (const [i, { windowMs, margin }] of RELATIVE_WINDOWS.entries()) {
    const host = countsOf(node, i);
    const others = sum(nodes, i, node);
    if (!isWorse(host, others, margin)) continue;
    const why = `${host.failures} of ${host.attempts} attempts failed in ${windowMs / 1_000} s, of the others' ${others.failures} of ${others.attempts}`;
    return { test: "relative", why };
  }
  return undefined;
}

function byEnvoy(node: Node, nodes: readonly Node[], options: OutlierOptions): Finding | undefined {
  const { successRate, failurePercentage } = options;
  if (successRate === undefined && failurePercentage === undefined) return undefined;
  const all = nodes.map((one) => countsOf(one, 0));
  const host = countsOf(node, 0);
  const share = host.attempts === 0 ? 0 : host.failures / host.attempts;
  if (successRate !== undefined && host.attempts >= successRate.minimumAttempts) {
    const threshold = successRateThreshold(all, successRate);
    if (threshold !== undefined && 1 - share < threshold) {
      const why = `${percent(1 - share)} of its attempts succeeded in 10 s, less than ${percent(threshold)}`;
      return { test: "success-rate", why };
    }
  }
  if (failurePercentage !== undefined && failsTooOften(host, all, failurePercentage)) {
    const why = `${percent(share)} of its ${host.attempts} attempts failed in 10 s`;
    return { test: "failure-percentage", why };
  }
  return undefined;
}

function slow(node: Node, nodes: readonly Node[], { latency }: OutlierOptions, nowMs: number): Finding | undefined {
  const latencyMs = latency && node.latencyMs(nowMs);
  if (latency === undefined || latencyMs === undefined) return undefined;
  const others = nodes.filter((one) => one !== node).map((one) => one.latencyMs(nowMs));
  const measured = others.filter((ms) => ms !== undefined);
  if (!isSlow(latencyMs, measured, countsOf(node, 0).attempts, latency)) return undefined;
  return { test: "latency", why: `it answers in ${latencyMs.toFixed(0)} ms, over ${latency.factor} times the others` };
}

const NONE: Counts = { failures: 0, attempts: 0 };

function countsOf({ outcomes }: Node, window: number): Counts {
  const counted = outcomes?.windows[window];
  return counted === undefined ? NONE : { failures: counted.failures, attempts: counted.calls };
}

function sum(nodes: readonly Node[], window: number, but: Node): Counts {
  let failures = 0;
  let attempts = 0;
  for (const node of nodes) {
    const counted = node.outcomes?.windows[window];
    if (node === but || counted === undefined) continue;
    failures += counted.failures;
    attempts += counted.calls;
  }
  return { failures, attempts };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

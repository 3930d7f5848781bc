import { LatencyBuckets } from "@weft/core";
import { METHOD_CLASSES, type MethodClass } from "@weft/telemetry";

/** What calls of one method class come to, or of all together. */
export interface MethodCounts {
  /** By first digit of the status the caller got; 0: it got none. */
  readonly ended: Float64Array;
  /** Calls that failed: see core's `hasFailed`. */
  readonly failed: number;
  /** Of those with at least one attempt, to the last byte. */
  readonly latency: LatencyBuckets;
}

/** The same, counted on. */
class MethodCounters implements MethodCounts {
  readonly ended: Float64Array = new Float64Array(6);
  failed = 0;
  readonly latency: LatencyBuckets = new LatencyBuckets();
}

export type CountersByMethod = Readonly<Record<MethodClass, MethodCounters>>;

export function countersByMethod(): CountersByMethod {
  return { read: new MethodCounters(), write: new MethodCounters(), grpc: new MethodCounters() };
}

/** The sum over all classes. */
export function ofAllMethods(counters: CountersByMethod): MethodCounts {
  const sum = new MethodCounters();
  for (const name of METHOD_CLASSES) {
    const { ended, failed, latency } = counters[name];
    add(sum.ended, ended);
    sum.failed += failed;
    add(sum.latency.counts, latency.counts);
    sum.latency.sumMs += latency.sumMs;
  }
  return sum;
}

function add(to: Float64Array, from: Float64Array): void {
  for (let at = 0; at < to.length; at++) to[at]! += from[at]!;
}

import { OUTLIER_DEFAULTS, type OutlierOptions, type OutlierTest } from "@weft/core";
import { durationMs } from "../input/units.ts";
import type { Fields } from "./merge.ts";

/** What `outliers` comes to. Off: nothing ejects, and what somebody ejects by hand returns as by default. */
export function outlierOptions(fields: Fields): OutlierOptions {
  if (fields.get("outliers")?.value === "off") {
    return { ...OUTLIER_DEFAULTS, consecutiveFailures: Number.POSITIVE_INFINITY, relative: false };
  }
  // The schema let through nothing but T at each of these paths, and the built-in defaults pass the schema too.
  const read = <T>(path: string): T => fields.get(`outliers.${path}`)?.value as T;
  const ms = (path: string): number => durationMs(read<string>(path));
  const tests = read<readonly OutlierTest[]>("tests");
  return {
    consecutiveFailures: read<number>("consecutiveFailures"),
    baseEjectionMs: ms("baseEjection"),
    maxEjectionMs: ms("maxEjection"),
    maxEjectedRatio: read<number>("maxEjectedRatio"),
    relative: tests.includes("relative"),
    successRate: tests.includes("success-rate")
      ? {
          minimumEndpoints: read<number>("successRate.minimumEndpoints"),
          minimumAttempts: read<number>("successRate.minimumAttempts"),
          deviations: read<number>("successRate.deviations"),
        }
      : undefined,
    failurePercentage: tests.includes("failure-percentage")
      ? {
          threshold: read<number>("failurePercentage.threshold"),
          minimumEndpoints: read<number>("failurePercentage.minimumEndpoints"),
          minimumAttempts: read<number>("failurePercentage.minimumAttempts"),
        }
      : undefined,
    latency: tests.includes("latency")
      ? {
          factor: read<number>("latency.factor"),
          atLeastMs: ms("latency.atLeast"),
          minimumAttempts: read<number>("latency.minimumAttempts"),
        }
      : undefined,
    observed: read<readonly OutlierTest[]>("observe"),
  };
}

import { durationMs } from "@weft/config";
import type { Finding } from "@weft/config/forms";
import { readSamples } from "./read-samples.ts";
import type { Resolving } from "./resolve-scenario.ts";
import type { Latency } from "./scenario.ts";
import type { LatencyInput } from "./scenario-input.ts";

export async function resolveLatency(
  input: LatencyInput,
  path: Finding["path"],
  { findings, found }: Resolving,
): Promise<Latency> {
  if ("constant" in input) return { kind: "constant", ms: durationMs(input.constant) };
  if ("exponential" in input) return { kind: "exponential", meanMs: durationMs(input.exponential.mean) };
  if ("lognormal" in input) {
    const [p50Ms, p99Ms] = [durationMs(input.lognormal.p50), durationMs(input.lognormal.p99)];
    if (p99Ms < p50Ms) {
      const message = `${p99Ms} ms is less than the p50, ${p50Ms} ms`;
      findings.push({ severity: "error", path: [...path, "lognormal", "p99"], message });
    }
    return { kind: "lognormal", p50Ms, p99Ms };
  }
  try {
    return { kind: "samples", ms: await readSamples(found(input.file)) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    findings.push({ severity: "error", path: [...path, "file"], message: `${JSON.stringify(input.file)} ${why}` });
    return { kind: "constant", ms: 0 }; // the scenario is refused anyway
  }
}

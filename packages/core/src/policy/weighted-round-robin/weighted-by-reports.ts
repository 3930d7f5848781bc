import type { Picker } from "../picker.ts";
import { stridePicker } from "../reported-load/stride-picker.ts";

/**
 * Weighted round robin for weights that reports change every second. The sequence of `weightedRoundRobin` is more even,
 * and begins anew with each change. Source: reference 2.2, "Ours".
 */
export function weightedByReports(): Picker {
  return stridePicker("weighted-round-robin", (nodes) => Float64Array.from(nodes, ({ weight }) => weight));
}

import { ALL_FAMILIES } from "./all-families.ts";
import { Exposition } from "./exposition.ts";
import { type MetricsState, shownState } from "./shown.ts";

/**
 * All numbers in the text format of Prometheus: under Envoy's names where Envoy has one, so that its dashboards work,
 * else under `weft_`; the process under the names that Prometheus clients have agreed on. docs/metrics.md has them all.
 *
 * Endpoints that have left are taken off the counters' list here, if nobody has said so.
 */
export function prometheusText(state: MetricsState): string {
  const shown = shownState(state);
  const out = new Exposition();
  for (const family of ALL_FAMILIES) {
    out.begin(family);
    family.write(shown, out);
  }
  return out.text();
}

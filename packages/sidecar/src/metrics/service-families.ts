import { ENVOY_FAMILIES } from "./envoy-families.ts";
import { type Exposition, labelText } from "./exposition.ts";
import { LATENCY_BUCKETS_MS } from "./latency-histogram.ts";
import type { Scraped, ServiceFamily } from "./scraped.ts";
import { LABELLED_FAMILIES, WEFT_FAMILIES } from "./weft-families.ts";

/** Writes what concerns services, family by family. */
export function serviceFamilies(out: Exposition, services: readonly Scraped[]): void {
  const cluster = services.map(({ name }) => labelText("envoy_cluster_name", name));
  const own = services.map(({ name }) => labelText("service", name));
  for (const family of ENVOY_FAMILIES) simple(out, "envoy_cluster_", family, services, cluster);

  out.family(
    "envoy_cluster_upstream_rq_xx",
    "counter",
    "Calls that ended, by first digit of the status that the caller got.",
  );
  services.forEach(({ counted }, at) => {
    const { ended } = counted.counters;
    for (let digit = 1; digit < ended.length; digit++) {
      out.sample(`${cluster[at]},${labelText("envoy_response_code_class", String(digit))}`, ended[digit]!);
    }
  });
  out.family("envoy_cluster_upstream_rq_time", "histogram", "How long calls took to their last byte, in ms.");
  services.forEach(({ counted }, at) => {
    const { counts, sumMs } = counted.counters.latency;
    out.histogram(cluster[at]!, LATENCY_BUCKETS_MS, counts, sumMs);
  });

  for (const family of WEFT_FAMILIES) simple(out, "", family, services, own);
  for (const [name, type, help, label, values] of LABELLED_FAMILIES) {
    out.family(name, type, help);
    services.forEach((service, at) => {
      for (const [value, count] of values(service)) out.sample(`${own[at]},${labelText(label, value)}`, count);
    });
  }
}

function simple(
  out: Exposition,
  before: string,
  [name, type, help, valueOf]: ServiceFamily,
  services: readonly Scraped[],
  labels: readonly string[],
): void {
  out.family(`${before}${name}`, type, help);
  services.forEach((service, at) => {
    const value = valueOf(service);
    if (value !== undefined) out.sample(labels[at]!, value);
  });
}

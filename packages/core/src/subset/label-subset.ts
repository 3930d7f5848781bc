import type { Endpoint } from "../endpoint.ts";

/** Names and values that endpoints have in their metadata. */
export type Labels = Readonly<Record<string, string>>;

/** Which endpoints count, by what the registry says of them. */
export interface LabelSubset {
  /** All of these, exactly. */
  readonly labels: Labels;
  /** Who counts when no endpoint has them: nobody, whoever is there, or those with other labels. */
  readonly fallback: "none" | "any" | Labels;
}

/**
 * The endpoints with these labels, in the order given; by `fallback` when there is none. How fit they are does not
 * matter here: a subset whose endpoints are all ejected is not left for another one.
 *
 * Source: Envoy `lb_subset_config`; reference 2.19.
 */
export function labelSubset(endpoints: readonly Endpoint[], { labels, fallback }: LabelSubset): readonly Endpoint[] {
  const found = labelled(endpoints, labels);
  if (found.length > 0 || fallback === "none") return found;
  return fallback === "any" ? endpoints : labelled(endpoints, fallback);
}

function labelled(endpoints: readonly Endpoint[], labels: Labels): readonly Endpoint[] {
  const wanted = Object.entries(labels);
  return endpoints.filter(({ meta }) =>
    wanted.every(([name, value]) => Object.hasOwn(meta, name) && meta[name] === value),
  );
}

import type { Endpoint } from "../../endpoint.ts";
import type { ZoneSpillOptions } from "./zone-limit.ts";

/** Calls are to stay in their zone. */
export interface ZonePreference {
  /** The caller's zone; "": it does not know. */
  readonly own: string;
  /** How many callers there are in each zone; undefined: nobody knows. */
  readonly callers: Readonly<Record<string, number>> | undefined;
  /** When they leave it for how it does. Default: `ZONE_SPILL_DEFAULTS`. */
  readonly spill?: ZoneSpillOptions;
}

/** The endpoint's zone: what the registry says of its locality, else the metadata `zone`. Undefined: neither. */
export function zoneOf({ locality, meta }: Endpoint): string | undefined {
  if (locality?.zone !== undefined && locality.zone !== "") return locality.zone;
  const said = Object.hasOwn(meta, "zone") ? meta["zone"] : undefined;
  return said === "" ? undefined : said;
}

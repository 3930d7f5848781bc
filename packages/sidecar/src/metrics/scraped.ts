import type { ServiceView } from "../admin/admin-view.ts";
import type { CountedService } from "./counters.ts";
import type { EndpointCounters } from "./service-counters.ts";

/** One service, read once for all families. */
export interface Scraped {
  readonly name: string;
  readonly counted: CountedService;
  /** Over all endpoints that there ever were. */
  readonly total: EndpointCounters;
  /** Undefined: nothing is known but what was counted. */
  readonly view: ServiceView | undefined;
}

/** A family with at most one sample of each service; undefined: none. */
export type ServiceFamily = readonly [
  name: string,
  type: "counter" | "gauge",
  help: string,
  value: (service: Scraped) => number | undefined,
];

/** A family with several samples of each service: by the values, all of a closed set, of one more label. */
export type LabelledFamily = readonly [
  name: string,
  type: "counter" | "gauge",
  help: string,
  label: string,
  values: (service: Scraped) => Iterable<readonly [value: string, count: number]>,
];

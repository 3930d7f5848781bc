import type { Family, Label, Row } from "./family.ts";
import { SERVICE } from "./labels.ts";
import type { Scraped } from "./shown.ts";

/** A family with at most one sample of each service; undefined: none. */
export type ServiceRow = Row<(service: Scraped) => number | undefined>;

/** A family with several samples of each service, by the values of one more label. */
export type LabelledRow = readonly [
  ...Row<Label>,
  values: (service: Scraped) => Iterable<readonly [value: string, count: number]>,
];

/** @param label what the service's name stands under */
export function serviceFamily([name, otel, type, unit, help, valueOf]: ServiceRow, label: Label = SERVICE): Family {
  return {
    name,
    otel,
    type,
    unit,
    help,
    labels: [label],
    write({ services }, out) {
      for (const service of services) {
        const value = valueOf(service);
        if (value !== undefined) out.sample([service.name], value);
      }
    },
  };
}

/** @param label as for `serviceFamily` */
export function labelledFamily(row: LabelledRow, label: Label = SERVICE): Family {
  const [name, otel, type, unit, help, second, valuesOf] = row;
  return {
    name,
    otel,
    type,
    unit,
    help,
    labels: [label, second],
    write({ services }, out) {
      for (const service of services) {
        for (const [value, count] of valuesOf(service)) out.sample([service.name, value], count);
      }
    },
  };
}

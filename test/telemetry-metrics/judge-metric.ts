import { readFileSync } from "node:fs";

/** A metric as it was sent or declared. */
export interface JudgedMetric {
  readonly name: string;
  readonly kind: "counter" | "upDown" | "gauge" | "histogram";
  readonly unit: string;
  /** Of all its points. */
  readonly attributes: readonly string[];
}

interface Convention {
  readonly instrument: string;
  readonly unit: string;
  readonly required: readonly string[];
  readonly others: readonly string[];
}

interface Conventions {
  readonly source: string;
  readonly version: string;
  readonly metrics: Readonly<Record<string, Convention>>;
  /** Those that stand in metrics of our own, too. */
  readonly attributes: readonly string[];
}

// The file beside this one, whose form is that above.
const CONVENTIONS = JSON.parse(
  readFileSync(new URL("metric-conventions.json", import.meta.url), "utf8"),
) as Conventions;

const INSTRUMENT = { counter: "counter", upDown: "updowncounter", gauge: "gauge", histogram: "histogram" } as const;

/**
 * Says what the published semantic conventions have against a metric; nothing: they have nothing.
 *
 * A name outside `weft.` must be one of theirs, and then be what it is there. Names of ours follow the naming rules.
 */
export function judgeMetric({ name, kind, unit, attributes }: JudgedMetric): string[] {
  const wrong: string[] = [];
  for (const attribute of attributes) {
    if (!attribute.startsWith("weft.") && !CONVENTIONS.attributes.includes(attribute)) {
      wrong.push(`${name}: ${attribute} is no attribute of the conventions`);
    }
  }
  if (name.startsWith("weft.")) {
    if (!/^weft(\.[a-z][a-z0-9_]*)+$/.test(name)) wrong.push(`${name}: not in lower case words between dots`);
    if (/(_total|\.total|_seconds|_bytes)$/.test(name)) wrong.push(`${name}: a unit or a type in the name`);
    if (!/^(s|By|1|\{[a-z]+\})$/.test(unit)) wrong.push(`${name}: ${unit} is no unit of UCUM that we use`);
    return wrong;
  }
  const convention = CONVENTIONS.metrics[name];
  if (convention === undefined) return [...wrong, `${name}: not a name of the conventions`];
  if (convention.instrument !== INSTRUMENT[kind])
    wrong.push(`${name}: a ${kind}, and should be ${convention.instrument}`);
  if (convention.unit !== unit) wrong.push(`${name}: in ${unit}, and should be in ${convention.unit}`);
  for (const attribute of convention.required) {
    if (!attributes.includes(attribute)) wrong.push(`${name}: without ${attribute}`);
  }
  for (const attribute of attributes) {
    if (!convention.required.includes(attribute) && !convention.others.includes(attribute)) {
      wrong.push(`${name}: ${attribute} is none of its attributes`);
    }
  }
  return wrong;
}

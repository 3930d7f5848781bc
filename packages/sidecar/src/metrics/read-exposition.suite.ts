/** One family as a strict reader sees it. */
export interface ReadFamily {
  readonly type: string;
  /** By name and labels, as written: `x_total{a="b"}`. */
  readonly samples: Map<string, number>;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/;
const VALUE = /^(?:[+-]Inf|NaN|[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i;

/**
 * Reads the text format of Prometheus and takes nothing that some reader might not: each family once and in one piece,
 * HELP and TYPE before its samples, no sample twice, histograms that rise and add up, a line end at the end.
 *
 * @throws Error with the line that is wrong
 */
export function readExposition(text: string): ReadonlyMap<string, ReadFamily> {
  const families = new Map<string, ReadFamily>();
  let helped = "";
  let name = "";
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  for (const line of text.slice(0, -1).split("\n")) {
    const wrong = (why: string): Error => new Error(`${why}: ${line}`);
    const [, word, of = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (word === "HELP") {
      if (!NAME.test(of) || !/^(?:[^\\]|\\[\\n])*$/.test(rest)) throw wrong("bad help");
      helped = of;
    } else if (word === "TYPE") {
      if (of !== helped || families.has(of)) throw wrong("TYPE without HELP, or a family twice");
      if (!["counter", "gauge", "histogram"].includes(rest)) throw wrong("unknown type");
      name = of;
      families.set(name, { type: rest, samples: new Map() });
    } else readSample(line, name, families.get(name), wrong);
  }
  for (const [family, read] of families) if (read.type === "histogram") checkHistogram(family, read);
  return families;
}

function readSample(line: string, name: string, family: ReadFamily | undefined, wrong: (why: string) => Error): void {
  const [, sample = "", labels, value = ""] = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const suffix = sample.slice(name.length);
  const allowed = family?.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
  if (family === undefined || !sample.startsWith(name) || !allowed.includes(suffix)) throw wrong("not of this family");
  const seen = new Set<string>();
  for (let rest = labels ?? ""; rest !== "";) {
    const [whole, label, , comma] = LABEL.exec(rest) ?? [];
    if (whole === undefined || label === undefined || seen.has(label)) throw wrong("bad labels");
    seen.add(label);
    rest = rest.slice(whole.length);
    if (comma === "," && rest === "") throw wrong("a comma with nothing behind it");
  }
  if (!VALUE.test(value)) throw wrong("bad value");
  const key = labels === undefined ? sample : `${sample}{${labels}}`;
  if (family.samples.has(key)) throw wrong("a sample twice");
  const number = value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value);
  if (family.type !== "gauge" && !(number >= 0)) throw wrong("a counter below 0");
  family.samples.set(key, number);
}

function checkHistogram(family: string, { samples }: ReadFamily): void {
  const last = new Map<string, { readonly bound: number; readonly count: number }>();
  for (const [key, count] of samples) {
    const [, before = "", le] = /_bucket\{(.*?),?le="([^"]+)"\}$/.exec(key) ?? [];
    if (le === undefined) continue;
    const bound = le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
    const earlier = last.get(before) ?? { bound: Number.NEGATIVE_INFINITY, count: 0 };
    if (!(bound > earlier.bound && count >= earlier.count)) throw new Error(`buckets of ${family} do not rise: ${key}`);
    last.set(before, { bound, count });
  }
  for (const [labels, { bound, count }] of last) {
    const of = labels === "" ? "" : `{${labels}}`;
    if (bound !== Number.POSITIVE_INFINITY) throw new Error(`${family}${of} has no bucket +Inf`);
    if (samples.get(`${family}_count${of}`) !== count || !samples.has(`${family}_sum${of}`))
      throw new Error(`${family}${of}: count or sum is wrong`);
  }
}

import type { Explained } from "@weft/config";

/**
 * What differs between two lists of explained fields, in words: `retry.maxRetries 1 -> 2`, and for a part that is turned
 * on or off `breaker off -> on`.
 *
 * @param under only fields below this path, which is left out of the words; empty for all
 */
export function fieldChanges(
  before: readonly Explained[],
  after: readonly Explained[],
  under: { readonly before: string; readonly after: string } = { before: "", after: "" },
): readonly string[] {
  const was = valuesOf(before, under.before);
  const is = valuesOf(after, under.after);
  const fields = [...new Set([...was.keys(), ...is.keys()])].toSorted();
  const turnedOff = fields.filter((field) => is.get(field) === "off" && hasBelow(field, was));
  return fields.flatMap((field) => {
    if (isOf(field, turnedOff)) return [];
    const [from, to] = [shown(field, was), shown(field, is)];
    return from === to ? [] : [`${field} ${from} -> ${to}`];
  });
}

type Values = ReadonlyMap<string, string>;

/** The value of a field; of a part that has fields of its own, that it is on. */
function shown(field: string, values: Values): string {
  return values.get(field) ?? (hasBelow(field, values) ? "on" : "unset");
}

function hasBelow(field: string, values: Values): boolean {
  return [...values.keys()].some((other) => other.startsWith(`${field}.`));
}

function isOf(field: string, parts: readonly string[]): boolean {
  return parts.some((part) => field.startsWith(`${part}.`));
}

function valuesOf(fields: readonly Explained[], under: string): Values {
  const prefix = under === "" ? "" : `${under}.`;
  return new Map(
    fields
      .filter(({ field }) => field.startsWith(prefix))
      .map(({ field, value }) => [field.slice(prefix.length), text(value)]),
  );
}

const LONGEST = 60;

function text(value: unknown): string {
  const whole = typeof value === "string" ? value : JSON.stringify(value);
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST)}...` : whole;
}

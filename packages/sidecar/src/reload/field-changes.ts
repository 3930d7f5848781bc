import type { Explained } from "@weft/config";

/**
 * What differs between two lists of explained fields, in words: `retry.maxRetries 1 -> 2`.
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
  return fields.flatMap((field) => {
    const [from, to] = [was.get(field) ?? "unset", is.get(field) ?? "unset"];
    return from === to ? [] : [`${field} ${from} -> ${to}`];
  });
}

function valuesOf(fields: readonly Explained[], under: string): ReadonlyMap<string, string> {
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

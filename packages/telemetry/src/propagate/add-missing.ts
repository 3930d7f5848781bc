import { type Carried, isContext } from "./carried.ts";

/**
 * Gives a request what it does not say itself. One that has a place in a trace keeps it, whole.
 *
 * @param names of the headers that it has, in lower case
 * @param add   adds one more
 */
export function addMissing(
  { context, others }: Carried,
  names: readonly string[],
  add: (name: string, value: string) => void,
): void {
  const lines = names.some(isContext) ? others : [...context, ...others];
  for (let i = 0; i < lines.length; i += 2) if (!names.includes(lines[i]!)) add(lines[i]!, lines[i + 1]!);
}

/** The names, in lower case, of header lines as they are sent. */
export function namesOfLines(text: string): readonly string[] {
  return text.split("\r\n").map((line) => line.slice(0, Math.max(0, line.indexOf(":"))).toLowerCase());
}

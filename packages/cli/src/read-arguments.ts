import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { suggest } from "@weft/config";
import { type Command, type Given, UsageError } from "./command.ts";

/** Reads what stands after the command's name. @throws UsageError that lists every mistake */
export function readArguments(command: Command, args: readonly string[]): Given {
  const known: ParseArgsOptionsConfig = { ...command.options, help: { type: "boolean", short: "h" } };
  const dashes = command.takesCommand === true ? args.indexOf("--") : -1;
  const own = dashes < 0 ? args : args.slice(0, dashes);
  const parsed = parseArgs({ args: [...own], options: known, strict: false, allowPositionals: true, tokens: true });
  const mistakes: string[] = [];
  const seen = new Set<string>();
  for (const token of parsed.tokens) {
    if (token.kind !== "option") continue;
    const kind = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (kind === undefined) mistakes.push(unknownOption(token.rawName, Object.keys(known)));
    else if (seen.has(token.name)) mistakes.push(`${token.rawName} is given twice`);
    else if (kind.type === "string" && !hasValue(token)) mistakes.push(`${token.rawName} needs a value`);
    else if (kind.type === "boolean" && token.value !== undefined) mistakes.push(`${token.rawName} takes no value`);
    seen.add(token.name);
  }
  if (mistakes.length > 0) throw new UsageError(mistakes);
  const options: Record<string, string | boolean | undefined> = {};
  for (const [name, value] of Object.entries(parsed.values)) if (!Array.isArray(value)) options[name] = value;
  return { options, words: parsed.positionals, command: dashes < 0 ? [] : args.slice(dashes + 1) };
}

/** What starts with a dash is the next option, unless it is written as `--name=-value`. */
function hasValue({ value, inlineValue }: { readonly value?: string; readonly inlineValue?: boolean }): boolean {
  return value !== undefined && value !== "" && (inlineValue === true || !value.startsWith("-"));
}

/** What is wrong with an option that is not known, and which one it may have been. */
export function unknownOption(written: string, known: readonly string[]): string {
  const near = suggest(written.replace(/^-+/, ""), known);
  return `${written} is not an option; ${near === undefined ? `there are ${known.map((name) => `--${name}`).join(", ")}` : `did you mean --${near}?`}`;
}

import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { suggest } from "@weft/config";
import { type Command, type Given, UsageError } from "./command.ts";

/** Reads what stands after the command's name. @throws UsageError that lists every mistake */
export function readArguments(command: Command, args: readonly string[]): Given {
  const known: ParseArgsOptionsConfig = { ...command.options, help: { type: "boolean" } };
  const parsed = parseArgs({ args: [...args], options: known, strict: false, allowPositionals: true, tokens: true });
  const mistakes: string[] = [];
  for (const token of parsed.tokens) {
    if (token.kind !== "option") continue;
    const kind = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (kind === undefined) mistakes.push(unknownOption(token.rawName, Object.keys(known)));
    else if (kind.type === "string" && (token.value ?? "") === "") mistakes.push(`${token.rawName} needs a value`);
    else if (kind.type === "boolean" && token.value !== undefined) mistakes.push(`${token.rawName} takes no value`);
  }
  if (mistakes.length > 0) throw new UsageError(mistakes);
  const options: Record<string, string | boolean | undefined> = {};
  for (const [name, value] of Object.entries(parsed.values)) if (!Array.isArray(value)) options[name] = value;
  return { options, words: parsed.positionals };
}

function unknownOption(written: string, known: readonly string[]): string {
  const near = suggest(written.replace(/^-+/, ""), known);
  return `${written} is not an option; ${near === undefined ? `there are ${known.map((name) => `--${name}`).join(", ")}` : `did you mean --${near}?`}`;
}

import { readFile } from "node:fs/promises";
import { suggest } from "@weft/config";
import { check } from "./check.ts";
import { type Command, UsageError } from "./command.ts";
import { dev } from "./dev.ts";
import { readArguments, unknownOption } from "./read-arguments.ts";

const COMMANDS: readonly Command[] = [dev, check];

/**
 * Runs one command line. Results go to standard output, everything else to standard error.
 *
 * @param args what stands after `weft`
 * @returns the exit code: 0 done, 1 failed while running, 2 wrongly called or a file that is wrong
 */
export async function main(args: readonly string[]): Promise<number> {
  // Where results cannot be written, going on is no use; where logs cannot, it is.
  process.stdout.on("error", () => process.exit(1));
  process.stderr.on("error", () => {});
  const [name, ...rest] = args;
  if (name === undefined) return complain(["name a command"], help());
  if (name === "--help" || name === "-h") return say(help());
  if (name === "--version") return say(`${await version()}\n`);
  const command = COMMANDS.find((known) => known.name === name);
  if (command === undefined)
    return complain([name.startsWith("-") ? unknownOption(name, ["help", "version"]) : unknownCommand(name)], help());
  try {
    const given = readArguments(command, rest);
    return given.options["help"] === true ? say(command.help) : await command.run(given);
  } catch (error) {
    if (error instanceof UsageError) return complain(error.mistakes, `See weft ${command.name} --help.\n`);
    process.stderr.write(
      `weft ${command.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return 1;
  }
}

function help(): string {
  const list = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(8)}${summary}`).join("\n");
  return `Usage: weft COMMAND [options]\n\nCommands:\n${list}\n\nOptions:\n  -h, --help  this text; weft COMMAND --help for a command's own\n  --version   the version\n`;
}

function unknownCommand(name: string): string {
  const names = COMMANDS.map((command) => command.name);
  const near = suggest(name, names);
  return `${JSON.stringify(name)} is not a command; ${near === undefined ? `there are ${names.join(", ")}` : `did you mean ${near}?`}`;
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

function complain(mistakes: readonly string[], hint: string): number {
  process.stderr.write(`${mistakes.map((mistake) => `weft: ${mistake}\n`).join("")}${hint}`);
  return 2;
}

async function version(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}

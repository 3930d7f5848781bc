import { readFile } from "node:fs/promises";
import { suggest } from "@weft/config";
import { type Command, UsageError } from "./command.ts";
import { readArguments, unknownOption } from "./read-arguments.ts";

/** Finds the command that the first of `args` names, and runs it with the others. */
export async function dispatch(args: readonly string[], commands: readonly Command[]): Promise<number> {
  const [name, ...rest] = args;
  const command = commands.find((known) => known.name === name);
  // Where results cannot be written, going on is no use; where logs cannot, it is, and so it is for what serves others.
  process.stdout.on("error", () => {
    if (command?.serves !== true) process.exit(1);
  });
  process.stderr.on("error", () => {});
  if (name === undefined) return complain(["name a command"], help(commands));
  if (name === "--help" || name === "-h") return say(help(commands));
  if (name === "--version") return say(`${await version()}\n`);
  if (command === undefined)
    return complain(
      [name.startsWith("-") ? unknownOption(name, ["help", "version"]) : unknownCommand(name, commands)],
      help(commands),
    );
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

function help(commands: readonly Command[]): string {
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join("\n");
  return `Usage: weft COMMAND [options]\n\nCommands:\n${list}\n\nOptions:\n  -h, --help  this text; weft COMMAND --help for a command's own\n  --version   the version\n`;
}

function unknownCommand(name: string, commands: readonly Command[]): string {
  const names = commands.map((command) => command.name);
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
  const manifest: unknown = JSON.parse(await readFile(new URL(import.meta.resolve("@weft/cli/package.json")), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}

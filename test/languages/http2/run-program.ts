import { execFile } from "node:child_process";

/**
 * Runs a program to its end.
 *
 * @returns what it wrote to standard output
 * @throws  Error with what it wrote to standard error, when it ends with another code than 0
 */
export function runProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = { env: { ...process.env, ...env }, timeout: 60_000 };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args.join(" ")}:\n${stdout}${stderr}`, { cause: error }));
    });
  });
}

/** Lines of `NAME REST` by their name. */
export function byName(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\n").map((line) => {
      const [name = "", ...rest] = line.split(" ");
      return [name, rest.join(" ")];
    }),
  );
}

import type { ParseArgsOptionsConfig } from "node:util";

/** One word after `weft`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly help: string;
  readonly options: ParseArgsOptionsConfig;
  /** Whether it goes on when nobody reads its standard output any more, since others rely on it. */
  readonly serves?: boolean;
  /** Whether the words after a lone `--` are a command of their own, and not more of this one's. */
  readonly takesCommand?: boolean;
  /** @returns the exit code: 0 done, 1 failed while running, 2 wrongly called or a file that is wrong */
  run(given: Given): Promise<number>;
}

/** A command line whose options are known to exist and to be of their kind. */
export interface Given {
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly words: readonly string[];
  /** What stands after a lone `--`, for a command that takes one. */
  readonly command: readonly string[];
}

/** A command line that cannot be run; each mistake is one line. */
export class UsageError extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join("\n"));
    this.name = "UsageError";
    this.mistakes = mistakes;
  }
}

import { MeshError } from "@weft/core";
import { type Problem, problemLine } from "./problem.ts";

/** A policy that is refused: a BAD_CONFIG whose message lists every mistake, one per line. */
export class PolicyError extends MeshError {
  /** All of severity `error`, at least one. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], cause?: unknown) {
    super("BAD_CONFIG", problems.map(problemLine).join("\n"), cause === undefined ? {} : { cause });
    this.problems = problems;
  }
}

/** The mistakes that an error lists; none when it is not about a policy. */
export function problemsOf(error: unknown): readonly Problem[] {
  return error instanceof PolicyError ? error.problems : [];
}

import { type CheckedPolicy, PolicyError, type Problem, problemLine, problemsOf, watchPolicy } from "@weft/config";
import type { PolicySource } from "./policy-source.ts";

/** A policy, and what becomes of its file. */
export interface FollowedPolicy {
  readonly first: CheckedPolicy;
  /** Why the newest content of the file was not taken; undefined when it was. */
  refused(): string | undefined;
  /**
   * From now on each new content of the file that is right is applied, one after the other, and the outcome is logged;
   * one that is wrong is logged with its mistakes and changes nothing.
   *
   * @param apply returns what changed, one line each
   */
  follow(apply: (checked: CheckedPolicy) => Promise<readonly string[]>): void;
  /** Reads the file now and applies it, whether it has changed or not. */
  reread(): void;
  /** Nothing is applied any more; what is being applied comes to its end first. */
  close(): Promise<void>;
}

/** @throws PolicyError when the first content is refused */
export async function followPolicy(source: PolicySource, log: (text: string) => void): Promise<FollowedPolicy> {
  if (source.kind === "flags") {
    const reread = (): void => log("there is no policy file to read again");
    return { first: source.checked, refused: () => undefined, follow: () => {}, reread, close: async () => {} };
  }
  const { file, given } = source;
  let apply: ((checked: CheckedPolicy) => Promise<readonly string[]>) | undefined;
  let applying = Promise.resolve();
  let closed = false;
  let refused: string | undefined;

  const changed = (checked: CheckedPolicy): void => {
    applying = applying.then(() => put(checked)).catch(failed);
  };

  async function put(checked: CheckedPolicy): Promise<void> {
    if (apply === undefined || closed) return;
    refuseNowhere(checked, file);
    tellProblems(checked.warnings, log);
    const changes = await apply(checked);
    refused = undefined;
    for (const change of changes) log(`${file}: ${change}`);
    log(`${file} is in place: ${changes.length === 0 ? "it changes nothing" : `changes: ${changes.length}`}`);
  }

  function failed(error: unknown): void {
    const problems = problemsOf(error);
    refused = error instanceof Error ? error.message : String(error);
    tellProblems(problems, log);
    const why = problems.length > 0 ? "" : `: ${refused}`;
    log(`${file} is not in place, the last good policy stays${why}`);
  }

  const watch = await watchPolicy(file, { home: "sidecar", given, changed, failed });
  try {
    refuseNowhere(watch.current, file);
  } catch (error) {
    watch.close();
    throw error;
  }
  tellProblems(watch.current.warnings, log);
  const first = watch.current;
  return {
    first,
    refused: () => refused,
    follow(then) {
      apply = then;
      // It may have changed before anybody listened.
      if (watch.current !== first) changed(watch.current);
    },
    reread: () => void watch.reread(),
    async close() {
      closed = true;
      watch.close();
      await applying;
    },
  };
}

export function tellProblems(problems: readonly Problem[], log: (text: string) => void): void {
  for (const problem of problems) log(`${problem.severity === "warning" ? "warning: " : ""}${problemLine(problem)}`);
}

/** A policy for other homes only is right, and no sidecar. */
function refuseNowhere({ policy }: CheckedPolicy, file: string): void {
  if (policy.sidecar !== undefined) return;
  const message = "says nothing to listen on: it needs sidecar with inbound, outbound or tcp";
  throw new PolicyError([{ severity: "error", path: "", message, file }]);
}

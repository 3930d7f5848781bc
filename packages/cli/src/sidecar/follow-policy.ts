import {
  type CheckedPolicy,
  PolicyError,
  type Problem,
  problemLine,
  problemsOf,
  tlsFiles,
  watchPolicy,
} from "@weft/config";
import { optionLine } from "./policy-of-flags.ts";
import { watchFiles } from "./watch-files.ts";
import type { PolicySource } from "./policy-source.ts";

/** A policy, and what becomes of its file and of the certificates that it names. */
export interface FollowedPolicy {
  readonly first: CheckedPolicy;
  /** Why the newest content of the file was not taken; undefined when it was. */
  refused(): string | undefined;
  /**
   * From now on each new content of the file that is right is applied, one after the other, and the outcome is logged;
   * one that is wrong is logged with its mistakes and changes nothing. So is the same content when a certificate, a key
   * or an authority that it names has changed.
   *
   * @param apply returns what changed, one line each
   */
  follow(apply: (checked: CheckedPolicy) => Promise<readonly string[]>): void;
  /** Reads the files now and applies what they hold, whether it has changed or not. */
  reread(): void;
  /** Nothing is applied any more; what is being applied comes to its end first. */
  close(): Promise<void>;
}

/** @throws PolicyError when the first content is refused */
export async function followPolicy(source: PolicySource, log: (text: string) => void): Promise<FollowedPolicy> {
  const name = source.kind === "file" ? source.file : "the command line";
  const files = watchFiles(() => {
    log("a certificate, a key or an authority has changed");
    void reread();
  });
  let apply: ((checked: CheckedPolicy) => Promise<readonly string[]>) | undefined;
  let applying = Promise.resolve();
  let closed = false;
  let refused: string | undefined;
  let inPlace: CheckedPolicy;

  const changed = (checked: CheckedPolicy): void => {
    applying = applying.then(() => put(checked)).catch(failed);
  };

  async function put(checked: CheckedPolicy): Promise<void> {
    if (apply === undefined || closed) return;
    if (source.kind === "file") refuseNowhere(checked, source.file);
    // Those of both: what keeps the new policy out may be mended in its files alone.
    files.follow([...tlsFiles(inPlace.policy), ...tlsFiles(checked.policy)]);
    tellProblems(checked.warnings, log);
    const changes = await apply(checked);
    refused = undefined;
    inPlace = checked;
    files.follow(tlsFiles(checked.policy));
    for (const change of changes) log(`${name}: ${change}`);
    log(`${name} is in place: ${changes.length === 0 ? "it changes nothing" : `changes: ${changes.length}`}`);
  }

  function failed(error: unknown): void {
    const problems = problemsOf(error);
    refused = error instanceof Error ? error.message : String(error);
    tellProblems(problems, log, source);
    const why = problems.length > 0 ? "" : `: ${refused}`;
    log(`${name} is not in place, the last good policy stays${why}`);
  }

  const { first, newest, reread, close } = await read(source, { changed, failed, log });
  inPlace = first;
  return {
    first,
    refused: () => refused,
    follow(then) {
      apply = then;
      files.follow(tlsFiles(first.policy));
      // It may have changed before anybody listened.
      if (newest() !== first) changed(newest());
    },
    reread: () => void reread(),
    async close() {
      closed = true;
      files.close();
      close();
      await applying;
    },
  };
}

interface Reading {
  readonly first: CheckedPolicy;
  newest(): CheckedPolicy;
  reread(): Promise<void>;
  close(): void;
}

interface ReadPorts {
  readonly changed: (checked: CheckedPolicy) => void;
  readonly failed: (error: unknown) => void;
  readonly log: (text: string) => void;
}

/** What options say never changes, but the files that they name do. */
async function read(source: PolicySource, { changed, failed, log }: ReadPorts): Promise<Reading> {
  if (source.kind === "flags") {
    const { checked } = source;
    const again = async (): Promise<void> => {
      if (tlsFiles(checked.policy).length > 0) changed(checked);
      else log("there is no policy file to read again");
    };
    return { first: checked, newest: () => checked, reread: again, close: () => {} };
  }
  const { file, given } = source;
  const watch = await watchPolicy(file, { home: "sidecar", given, changed, failed });
  try {
    refuseNowhere(watch.current, file);
  } catch (error) {
    watch.close();
    throw error;
  }
  tellProblems(watch.current.warnings, log);
  return {
    first: watch.current,
    newest: () => watch.current,
    reread: () => watch.reread(),
    close: () => watch.close(),
  };
}

/** @param source whose problems they are: those of options are told by the names of the options */
export function tellProblems(
  problems: readonly Problem[],
  log: (text: string) => void,
  source: Pick<PolicySource, "kind"> = { kind: "file" },
): void {
  const line = source.kind === "flags" ? optionLine : problemLine;
  for (const problem of problems) log(`${problem.severity === "warning" ? "warning: " : ""}${line(problem)}`);
}

/** A policy for other homes only is right, and no sidecar. */
function refuseNowhere({ policy }: CheckedPolicy, file: string): void {
  if (policy.sidecar !== undefined) return;
  const message = "says nothing to listen on: it needs sidecar with inbound, outbound or tcp";
  throw new PolicyError([{ severity: "error", path: "", message, file }]);
}

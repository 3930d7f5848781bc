import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { type Problem, problemLine, problemsOf } from "@weft/config";
import type * as simulation from "@weft/simulator";
import type { Scenario, ScenarioResult } from "@weft/simulator";
import { type Command, type Given, UsageError } from "../command.ts";
import { inlineMore } from "../inline-more.ts";
import { progressLine } from "./progress-line.ts";

/** The exit code of what a signal ended: 128 and the signal's number. */
const INTERRUPTED = { SIGINT: 130, SIGTERM: 143 } as const;
const LARGEST_SEED = 2 ** 32 - 1;

type Simulator = typeof simulation;

/**
 * `weft simulate`: what would these policies have done?
 *
 * @param load the simulator, which no other command needs
 */
export function simulateCommand(load: () => Promise<Simulator>): Command {
  return {
    name: "simulate",
    summary: "run policies through a scenario, under virtual time",
    help: `Usage: weft simulate FILE... [options]

Runs each policy of a scenario, YAML or JSON, through it: the code that production runs, under a clock that jumps. The
same seed gives the same results. Policies run side by side, in as many threads as the machine has processors. Exit code 0: all were run; 1: the page cannot be written; 2: a file is wrong, and
every mistake is listed with file, line, column, path, value and what is allowed; 130 or 143: ended by a signal.

Options:
  --json        one JSON object on standard output instead of tables
  --html FILE   also write the results, with charts over time, to one page that needs nothing else
  --seed N      another seed than the files have, 0 to ${LARGEST_SEED}
  -h, --help    this text
`,
    options: { json: { type: "boolean" }, html: { type: "string" }, seed: { type: "string" } },
    run: async (given) => run(given, await load()),
  };
}

async function run({ options, words }: Given, simulator: Simulator): Promise<number> {
  const seed = seedOf(options["seed"]);
  if (words.length === 0) throw new UsageError(["name at least one file: weft simulate FILE..."]);
  const scenarios = await loadAll(words, simulator);
  if (scenarios === undefined) return 2;
  const json = options["json"] === true;
  inlineMore();
  const results: ScenarioResult[] = [];
  const { signal, signalled, forget } = interruption();
  try {
    for (const scenario of scenarios) {
      const result = await runOne(seed === undefined ? scenario : { ...scenario, seed }, signal, simulator);
      if (!json) process.stdout.write(`${results.length > 0 ? "\n" : ""}${simulator.textReport(result)}`);
      results.push(result);
    }
  } catch (error) {
    const by = signalled();
    if (by === undefined) throw error;
    process.stderr.write(`weft simulate: ended by ${by}, with ${results.length} of ${scenarios.length} files run\n`);
    return INTERRUPTED[by];
  } finally {
    forget();
  }
  if (json) process.stdout.write(simulator.jsonReport(results));
  return typeof options["html"] === "string" ? writePage(options["html"], simulator.htmlReport(results)) : 0;
}

function seedOf(written: string | boolean | undefined): number | undefined {
  if (typeof written !== "string") return undefined;
  const seed = Number(written);
  if (/^\d+$/.test(written) && seed <= LARGEST_SEED) return seed;
  throw new UsageError([`--seed: ${JSON.stringify(written)} is not a whole number in 0..${LARGEST_SEED}`]);
}

/** Undefined: at least one is wrong, and all that is wrong has been told. */
async function loadAll(files: readonly string[], simulator: Simulator): Promise<readonly Scenario[] | undefined> {
  const scenarios: Scenario[] = [];
  for (const file of files) {
    try {
      const { scenario, warnings } = await simulator.loadScenario(file);
      tell(warnings);
      scenarios.push(scenario);
    } catch (error) {
      const problems = problemsOf(error);
      if (problems.length === 0) throw error;
      tell(problems);
    }
  }
  return scenarios.length === files.length ? scenarios : undefined;
}

function tell(problems: readonly Problem[]): void {
  for (const problem of problems) {
    process.stderr.write(`${problem.severity === "warning" ? "warning: " : ""}${problemLine(problem)}\n`);
  }
}

async function runOne(scenario: Scenario, signal: AbortSignal, simulator: Simulator): Promise<ScenarioResult> {
  const line = progressLine(process.stderr);
  try {
    return await simulator.simulate(scenario, {
      signal,
      threads: availableParallelism(),
      onProgress: ({ policy, share }) => line.show(`${scenario.name}: ${policy}`, share),
    });
  } finally {
    line.clear();
  }
}

interface Interruption {
  readonly signal: AbortSignal;
  /** Which signal came; undefined: none has. */
  readonly signalled: () => keyof typeof INTERRUPTED | undefined;
  readonly forget: () => void;
}

/** The first SIGINT or SIGTERM ends the run; a second one the process, as it would without us. */
function interruption(): Interruption {
  const abort = new AbortController();
  let by: keyof typeof INTERRUPTED | undefined;
  const onSignal = (signal: keyof typeof INTERRUPTED): void => {
    by = signal;
    forget();
    abort.abort(new DOMException(`ended by ${signal}`, "AbortError"));
  };
  const forget = (): void => {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return { signal: abort.signal, signalled: () => by, forget };
}

async function writePage(file: string, page: string): Promise<number> {
  try {
    await writeFile(file, page);
    return 0;
  } catch (error) {
    process.stderr.write(`weft simulate: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

import { basename, dirname, extname } from "node:path";
import { PolicyError, type Problem } from "@weft/config";
import { type Finding, formOf, pathText, readText, readTree } from "@weft/config/forms";
import { resolveScenario } from "./resolve-scenario.ts";
import type { Scenario } from "./scenario.ts";
import { scenarioSchema } from "./scenario-schema.ts";

/** A scenario that is right, and what is odd about it. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  /** Of severity `warning`. */
  readonly warnings: readonly Problem[];
}

/**
 * Reads and checks a scenario file, YAML or, by its name, JSON, and the files that it names.
 *
 * @throws PolicyError that lists every mistake with line and column: first those of form, then what contradicts what
 */
export async function loadScenario(file: string): Promise<LoadedScenario> {
  return parseScenario(await readText(file), file);
}

/** The same of a text. @param file named in each problem; files that the scenario names are found from its folder */
export async function parseScenario(text: string, file: string): Promise<LoadedScenario> {
  const { value, locate } = readTree(text, file, extname(file) === ".json" ? "json" : "yaml", EMPTY);
  const problem = ({ severity, path, message, key }: Finding): Problem => {
    const position = locate(path, key === true ? "key" : "value");
    return { severity, path: pathText(path), message, file, ...(position && { position }) };
  };
  const formed = formOf(scenarioSchema, value);
  if (formed.kind === "refused") throw new PolicyError(formed.findings.map(problem));
  const name = basename(file, extname(file));
  const { scenario, findings } = await resolveScenario(formed.input, { name, folder: dirname(file) });
  const problems = findings.map(problem);
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0 || scenario === undefined) throw new PolicyError(errors);
  return { scenario, warnings: problems };
}

const EMPTY = "is empty; the least there can be is `duration`, `arrivals` and `endpoints`";

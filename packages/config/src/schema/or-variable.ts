import * as v from "valibot";
import type { FromEnvironment } from "../input/balancer-input.ts";
import { either, record } from "./containers.ts";
import * as leaf from "./leaves.ts";

/**
 * A text, or the environment variable that has it.
 *
 * @param what it is, with its article
 * @param unset what holds when the variable is not set
 */
export function orVariable(text: leaf.Leaf<string>, what: string, unset: string): leaf.Leaf<FromEnvironment> {
  const variable: leaf.Leaf<{ readonly env: string }> = record({
    env: v.pipe(leaf.variable(), v.description(`The variable that has it. Not set: ${unset}.`)),
  });
  return either([text, variable], `${what}, or the environment variable that has it as { env: "NAME" }`);
}

import type { CheckedPolicy, CheckOptions } from "../resolve/check-policy.ts";
import { checkPolicy } from "../resolve/check-policy.ts";
import type { Home } from "../resolve/merge.ts";
import type { GivenFields } from "../resolve/sidecar-fields.ts";
import { PolicyError } from "../problem/policy-error.ts";

/** How a text is read. */
export interface ParseOptions {
  /** Named in each problem. Default `policy`. */
  readonly file?: string;
  /** Default: `json` when `file` ends so, `yaml` otherwise. */
  readonly format?: "yaml" | "json";
  /** Who will use it. Default `sdk`. */
  readonly home?: Home;
  /** Stands over what the policy says. */
  readonly given?: GivenFields;
}

/** A longer text is no policy. In UTF-16 units. */
export const LONGEST_TEXT: number = 1024 ** 2;
const EMPTY = "is empty; the least there can be is `version: 1`";

/**
 * Reads a policy from text and checks it; `checkPolicy` tells how.
 *
 * The YAML parser is loaded on first use, so that an SDK that is given an object never pays for it.
 *
 * @throws PolicyError that lists every mistake with its line and column
 */
export async function parsePolicy(text: string, options: ParseOptions = {}): Promise<CheckedPolicy> {
  const file = options.file ?? "policy";
  const refuse = (message: string): never => {
    throw new PolicyError([{ severity: "error", path: "", message, file }]);
  };
  if (text.length > LONGEST_TEXT) refuse(`has more than ${LONGEST_TEXT} characters, which no policy needs`);
  if (text.trim() === "") refuse(EMPTY);
  const { readTree } = await import("./read-tree.ts");
  const format = options.format ?? (file.endsWith(".json") ? "json" : "yaml");
  const { value, locate } = readTree(text, file, format, EMPTY);
  const { home, given } = options;
  const check: CheckOptions = { file, locate, ...(home && { home }), ...(given && { given }) };
  return checkPolicy(value, check);
}

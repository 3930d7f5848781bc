import { readFile, stat } from "node:fs/promises";
import { PolicyError } from "../problem/policy-error.ts";
import type { CheckedPolicy } from "../resolve/check-policy.ts";
import type { Home } from "../resolve/merge.ts";
import { LONGEST_TEXT, parsePolicy } from "./parse-policy.ts";
import { whyUnreadable } from "./why-unreadable.ts";

/**
 * Reads and checks a policy file, YAML or, by its name, JSON.
 *
 * @throws PolicyError, also when the file is missing, unreadable, a directory or far too long
 */
export async function loadPolicy(file: string, options: { readonly home?: Home } = {}): Promise<CheckedPolicy> {
  return parsePolicy(await readPolicyText(file), { ...options, file });
}

/** The text of a policy file. @throws PolicyError */
export async function readPolicyText(file: string): Promise<string> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new Error("it is not a file");
    // Of 4 bytes a character at most, so a longer file cannot hold a text that is short enough.
    if (found.size > 4 * LONGEST_TEXT) throw new Error(`it has ${found.size} bytes, which no policy needs`);
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
  } catch (error) {
    throw new PolicyError(
      [{ severity: "error", path: "", message: `cannot be read: ${whyUnreadable(error)}`, file }],
      error,
    );
  }
}

import { readFile, stat } from "node:fs/promises";
import { PolicyError } from "../problem/policy-error.ts";
import type { CheckedPolicy } from "../resolve/check-policy.ts";
import type { Home } from "../resolve/merge.ts";
import { LONGEST_TEXT, parsePolicy } from "./parse-policy.ts";

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
    throw new PolicyError([{ severity: "error", path: "", message: `cannot be read: ${reason(error)}`, file }], error);
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  switch ("code" in error ? error.code : undefined) {
    case "ENOENT":
      return "there is no such file";
    case "EACCES":
    case "EPERM":
      return "this user may not read it";
    case "ERR_ENCODING_INVALID_ENCODED_DATA":
      return "it is not UTF-8";
    default:
      return error.message;
  }
}

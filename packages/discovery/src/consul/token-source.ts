import { readFile } from "node:fs/promises";
import { words } from "../notice.ts";

/** Gives the ACL token to send with the next request; empty for none. */
export type TokenSource = () => Promise<string>;

/**
 * A token given once, or one in a file that others may rotate.
 *
 * The file is read before each request (a watch makes one a minute), so a new token is used from the next request on.
 * When it cannot be read, the last one read stays in use and `onProblem` is told, once until it can be read again.
 */
export function tokenSource(
  options: { readonly token?: string; readonly tokenFile?: string },
  onProblem: (problem: string) => void,
): TokenSource {
  const { token = "", tokenFile } = options;
  if (tokenFile === undefined) return () => Promise.resolve(token);
  let last = token;
  let told = false;
  return async () => {
    try {
      last = (await readFile(tokenFile, "utf8")).trim();
      told = false;
    } catch (error) {
      if (!told) onProblem(`token file ${tokenFile}: ${words(error)}; the last token stays in use`);
      told = true;
    }
    return last;
  };
}

import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { weftArguments } from "../cli/weft.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "examples", "scenarios");
const files = globSync("**/*.yaml", { cwd: FOLDER }).toSorted();

test("there are scenarios for users, and those that the reference was measured with", () => {
  expect(files.length).toBeGreaterThan(18);
});

// In processes of their own, as users run them: within the test runner each import costs at every use.
// What changes here is what users of the policies will see: look at it, then `vitest run test/simulate -u`.
test.each(files)("%s comes to what is written down", { timeout: 300_000 }, async (file) => {
  const args = weftArguments(["simulate", "--json", join(FOLDER, file)]);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 24 });
  expect(stderr.replaceAll(/^\d+ % .*\n/gm, "")).toBe(""); // on a busy machine it tells how far it is
  const { policies } = JSON.parse(stdout) as { readonly policies: readonly object[] }; // as `weft simulate` writes it
  const lines = policies.map((policy) => `${JSON.stringify(policy)}\n`).join("");
  await expect(lines).toMatchFileSnapshot(join("golden", `${basename(file, ".yaml")}.jsonl`));
});

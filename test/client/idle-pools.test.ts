import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

// Reference clients 1.1: a pool of undici's costs 18 KiB before its first request, and every endpoint would have one.

test("endpoints that nobody calls have no pool, and cost little", async () => {
  const program = fileURLToPath(new URL("idle-pools.ts", import.meta.url));
  const args = ["--conditions=@weft/source", "--expose-gc", "--disable-warning=ExperimentalWarning", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 });
  const { bytesEach, pools } = JSON.parse(stdout);
  expect(pools).toEqual({ uncalled: 0, called: 1 });
  expect(bytesEach).toBeLessThan(9 * 1024); // it was 2 KiB when this was written
});

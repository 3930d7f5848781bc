import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jsonReport, loadScenario, simulate } from "@weft/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { weftArguments } from "../cli/weft.ts";

/** Enough calls to be worth threads, with failures of every kind in them. */
const SCENARIO = `duration: 15s
arrivals: { ratePerSecond: 2500 }
endpoints: [{ count: 5, workers: 15, latency: { exponential: { mean: 20ms } } }]
events: [{ at: 5s, endpoint: 0, refuse: true }, { at: 8s, endpoint: 1, hang: true }, { at: 0s, fail: { ratio: 0.01 } }]
policy: { timeout: { total: 2s } }
compare:
  - { name: hedging, policy: { timeout: { total: 2s }, hedge: { after: p95 } } }
  - { name: Finagle's rule, policy: {}, rule: finagle-peak-ewma }
`;
const TIMEOUT_MS = 90_000;
let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-threads-"));
  file = join(folder, "busy.yaml");
  await writeFile(file, SCENARIO);
});
afterAll(() => rm(folder, { recursive: true }));

describe("policies in threads", { timeout: TIMEOUT_MS }, () => {
  test("come to the same bytes as one after the other", async () => {
    const { scenario } = await loadScenario(file);
    const stdout = await printedBy(weftArguments(["simulate", "--json", file]));
    expect(stdout).toBe(jsonReport([await simulate(scenario)]));
  });

  test("are told of as far as they have come, fail as they would in one, and leave no thread", async () => {
    // A policy that no scenario could have: its thread dies of it, in the middle of the others.
    const script = `
      const { loadScenario, simulate } = await import("@weft/simulator");
      const { scenario } = await loadScenario(${JSON.stringify(file)});
      const [own, ...others] = scenario.policies;
      const shares = [];
      const onProgress = ({ share }) => shares.push(share);
      await simulate(scenario, { threads: 2, onProgress });
      console.log(shares.length > 2 && shares.every((share, i) => share >= (shares[i - 1] ?? 0) && share <= 1));
      const broken = { ...scenario, policies: [own, { ...others[0], policy: {} }, ...others] };
      console.log(await simulate(broken, { threads: 2 }).catch((error) => error.name));`;
    expect(await printedBy(["--conditions=@weft/source", "--input-type=module", "--eval", script])).toBe(
      "true\nTypeError\n",
    );
  });
});

/** What a process prints that ends by itself and well. */
function printedBy(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT_MS, cwd: import.meta.dirname, maxBuffer: 2 ** 24 };
    execFile(process.execPath, args, options, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
  });
}

import { join } from "node:path";
import { loadScenario, picture, type PictureOf, simulate } from "@weft/simulator";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

const PICTURES: readonly { readonly file: string; readonly scenario: string; readonly of: PictureOf }[] = [
  { file: "slow-endpoint", scenario: "slow-endpoint", of: "latency" },
  { file: "slow-endpoint-shares", scenario: "slow-endpoint", of: { sharesOf: "policy" } },
  { file: "one-dies", scenario: "one-dies", of: "failures" },
  { file: "slow-start", scenario: "rolling-deploy", of: { sharesOf: "round robin with slow start" } },
  { file: "zone-spill", scenario: "zone-spill", of: { sharesOf: "policy" } },
];

// `vitest run test/simulate/pictures -u` draws them anew.
test.each(PICTURES)(
  "the picture $file is what the simulator draws",
  { timeout: 120_000 },
  async ({ file, scenario, of }) => {
    const loaded = await loadScenario(join(ROOT, "examples", "scenarios", `${scenario}.yaml`));
    const drawn = picture(await simulate(loaded.scenario), of);
    await expect(drawn).toMatchFileSnapshot(join(ROOT, "docs", "pictures", `${file}.svg`));
  },
);

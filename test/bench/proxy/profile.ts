import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../report.ts";
import { weft } from "./peers/weft.ts";
import { runScenario } from "./run-scenario.ts";
import type { Bench, Peer, Scenario } from "./scenario.ts";
import { type CpuProfile, profileSince, selfTimes, selfTimesOfFiles } from "./self-times.ts";
import { spreadOf } from "./summary.ts";

const FUNCTIONS = 40;
const FILES = 15;
const SAMPLED_EVERY_US = 250;
const STOPS_WITHIN_MS = 20_000;
const ROOT = join(import.meta.dirname, "..", "..", "..");

/**
 * Runs weft alone under the load of a scenario, with V8's sampling profiler, and tells where its CPU time went, once it
 * is warm. The profiler itself costs some of it.
 *
 * @returns a table of functions and one of files; where the scenario measures CPU time per request, a row's part of it
 */
export async function profileText(scenario: Scenario, bench: Bench, rounds: number): Promise<string> {
  const folder = join(bench.folder, `profile-${scenario.name}`);
  mkdirSync(folder);
  let sinceUs = 0;
  const say = (text: string): void => {
    if (text.includes(": round 1 of ")) sinceUs = Number(process.hrtime.bigint() / 1_000n);
  };
  const measured = await runScenario(scenario, bench, { peers: [profiled(folder)], rounds, say });
  for (const [peer, reason] of measured.missing) if (peer === weft.name) throw new Error(reason);
  const [file] = readdirSync(folder).toSorted().slice(-1);
  if (file === undefined) throw new Error("weft has written no profile");
  // V8 has just written it.
  const whole = JSON.parse(readFileSync(join(folder, file), "utf8")) as CpuProfile;
  const profile = profileSince(whole, sinceUs);
  const { median: cpuUs } = spreadOf(measured.rounds.get(weft.name) ?? [], "cpuUs");
  const rows = (times: ReturnType<typeof selfTimes>) =>
    times.map(({ name, ratio }) => [
      name,
      (ratio * 100).toFixed(1),
      ...(cpuUs > 0 ? [(ratio * cpuUs).toFixed(2)] : []),
    ]);
  const head = ["self time %", ...(cpuUs > 0 ? [`of ${cpuUs.toFixed(1)} us`] : [])];
  return [
    `### ${scenario.name}: profile of weft`,
    "",
    table(["function", ...head], rows(selfTimes(profile, ROOT).slice(0, FUNCTIONS))),
    "",
    table(["file", ...head], rows(selfTimesOfFiles(profile, ROOT).slice(0, FILES))),
  ].join("\n");
}

/** weft from its sources, so that the lines are those of the files one edits. */
function profiled(folder: string): Peer {
  return {
    ...weft,
    launch(setup) {
      const launch = weft.launch(setup);
      if (typeof launch === "string") return launch;
      const flags = [
        "--conditions=@weft/source",
        "--cpu-prof",
        `--cpu-prof-dir=${folder}`,
        `--cpu-prof-interval=${SAMPLED_EVERY_US}`,
      ];
      return { ...launch, args: [...flags, ...launch.args], stopsWithinMs: STOPS_WITHIN_MS };
    },
  };
}

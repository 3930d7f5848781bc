import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadScenario, picture, type PictureOf, type ScenarioResult, simulate } from "@weft/simulator";
import { isMain } from "../bench/report.ts";

const ROOT = join(import.meta.dirname, "..", "..");
/** Where the pictures of the pages are. */
export const PICTURES_FOLDER: string = join(ROOT, "docs", "pictures");
const OWN = join(PICTURES_FOLDER, "scenarios");
const EXAMPLES = join(ROOT, "examples", "scenarios");

export interface Picture {
  /** In the folder of the pictures. */
  readonly file: string;
  readonly scenario: string;
  readonly of: PictureOf;
  /** What the scenario's own policy is called in the picture. Absent: `policy`. */
  readonly own?: string;
}

/** Every picture of docs/, and what it is drawn from. */
export const PICTURES: readonly Picture[] = [
  { file: "slow-endpoint.svg", scenario: join(EXAMPLES, "slow-endpoint.yaml"), of: "latency" },
  { file: "slow-endpoint-shares.svg", scenario: join(EXAMPLES, "slow-endpoint.yaml"), of: { sharesOf: "policy" } },
  { file: "one-dies.svg", scenario: join(EXAMPLES, "one-dies.yaml"), of: "failures" },
  {
    file: "slow-start.svg",
    scenario: join(EXAMPLES, "rolling-deploy.yaml"),
    of: { sharesOf: "round robin with slow start" },
  },
  { file: "zone-spill.svg", scenario: join(EXAMPLES, "zone-spill.yaml"), of: { sharesOf: "policy" } },
  { file: "zone-slow.svg", scenario: join(EXAMPLES, "zone-slow.yaml"), of: { sharesOf: "policy" } },
  { file: "hash-churn.svg", scenario: join(OWN, "hash-churn.yaml"), of: "away", own: "maglev" },
  { file: "maglev.svg", scenario: join(OWN, "hash-churn.yaml"), of: { sharesOf: "policy" } },
  { file: "ring-hash.svg", scenario: join(OWN, "hash-churn.yaml"), of: { sharesOf: "ring hash" } },
  { file: "ketama.svg", scenario: join(OWN, "hash-churn.yaml"), of: { sharesOf: "ketama" } },
  { file: "source-ip.svg", scenario: join(OWN, "hash-churn.yaml"), of: { sharesOf: "source-ip" } },
  { file: "sticky-sessions.svg", scenario: join(OWN, "sticky.yaml"), of: "away", own: "sticky sessions" },
  { file: "round-robin.svg", scenario: join(OWN, "balancers.yaml"), of: { sharesOf: "policy" } },
  { file: "weighted-round-robin.svg", scenario: join(OWN, "balancers.yaml"), of: { sharesOf: "weighted round robin" } },
  { file: "least-request.svg", scenario: join(OWN, "balancers.yaml"), of: { sharesOf: "least request" } },
  { file: "random.svg", scenario: join(OWN, "balancers.yaml"), of: { sharesOf: "random" } },
  { file: "prequal.svg", scenario: join(OWN, "balancers.yaml"), of: { sharesOf: "prequal" } },
  { file: "reported-load.svg", scenario: join(OWN, "reported-load.yaml"), of: { sharesOf: "policy" } },
  { file: "subset.svg", scenario: join(OWN, "subset.yaml"), of: { sharesOf: "policy" } },
  { file: "priority.svg", scenario: join(OWN, "priority.yaml"), of: { sharesOf: "policy" } },
  { file: "first.svg", scenario: join(OWN, "first.yaml"), of: { sharesOf: "policy" } },
  { file: "rate-limit.svg", scenario: join(OWN, "rate-limit.yaml"), of: "attempts", own: "rateLimit: 100 a second" },
  { file: "limits.svg", scenario: join(OWN, "limits.yaml"), of: "latency", own: "no limit" },
  { file: "all-fail.svg", scenario: join(OWN, "all-fail.yaml"), of: "attempts", own: "no retries" },
  { file: "hedging.svg", scenario: join(OWN, "tail.yaml"), of: "latency", own: "no hedging" },
  { file: "one-hangs.svg", scenario: join(OWN, "one-hangs.yaml"), of: "latency", own: "only a deadline of 10 s" },
  { file: "ejections.svg", scenario: join(OWN, "flapping.yaml"), of: { ejectionsOf: "policy" } },
];

const results = new Map<string, Promise<ScenarioResult>>();

/** What the simulator draws: the same bytes each time. A scenario is run once, however many pictures show it. */
export async function drawn({ scenario, of, own }: Picture): Promise<string> {
  const running = results.get(scenario) ?? run(scenario);
  results.set(scenario, running);
  const result = await running;
  if (own === undefined) return picture(result, of);
  const policies = result.policies.map((policy) => (policy.name === "policy" ? { ...policy, name: own } : policy));
  return picture({ ...result, policies }, of);
}

async function run(scenario: string): Promise<ScenarioResult> {
  return simulate((await loadScenario(scenario)).scenario);
}

/** Draws them all anew, and takes away whatever picture is no more in the list. */
async function drawAll(): Promise<void> {
  for (const one of PICTURES) await writeFile(join(PICTURES_FOLDER, one.file), await drawn(one));
  const known = new Set(PICTURES.map(({ file }) => file));
  const there = (await readdir(PICTURES_FOLDER)).filter((file) => file.endsWith(".svg"));
  for (const file of there) if (!known.has(file)) await rm(join(PICTURES_FOLDER, file));
}

if (isMain(import.meta.url)) await drawAll();

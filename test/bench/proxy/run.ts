/*
 * Proxies side by side: HAProxy, nginx, Envoy, a node:http proxy, a byte-copy echo, and weft's sidecar, one worker each.
 *
 *   node --conditions=@weft/source test/bench/proxy/run.ts [--only=get-1k-64,close] [--peers=haproxy,weft]
 *     [--rounds=11] [--seconds=1] [--proxy weft="COMMAND"] [--json] [--profile]
 *
 * --proxy NAME=COMMAND  measures that command too, or in place of the peer of that name. It is given `--listen` and
 *                       `--upstream` (and `--protocol tcp`) as `weft sidecar` takes them, or `{listen}` and `{upstream}`
 *                       in it are replaced. May be repeated.
 *                       `--upstream-protocol http2` comes with the scenarios whose endpoints speak it.
 * --json                one JSON object with every round on standard output, instead of tables
 * --profile             no comparison: weft alone under each load, and in which functions its CPU time goes
 *
 * `haproxy-again` is HAProxy a second time: how far its multiple is from 1 is the noise of the run. The scenarios over
 * HTTP/2 have names with `h2`. Their endpoints count what comes, and a round in which a proxy sent a stream twice, or
 * answered one itself, fails. What else has to be so: nobody's `busy` near 100 % but the proxy's.
 *
 *   node --conditions=@weft/source test/bench/proxy/run.ts --only=h2-get,h2-grpc --peers=haproxy,envoy,echo,weft
 *   node --conditions=@weft/source test/bench/proxy/run.ts --only=h2-grpc --profile --rounds=5
 *
 * The aims of the project are printed beside what was measured. Missing them is no failure; exit code 1 is for a
 * scenario that could not run at all, 2 for wrong arguments.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { arch, cpus, platform, release, tmpdir } from "node:os";
import { join } from "node:path";
import { argv, exit, stderr, version } from "node:process";
import { type Arguments, readArguments } from "./arguments.ts";
import { PREFACE, scenarioText } from "./print.ts";
import { profileText } from "./profile.ts";
import { type Measured, runScenario } from "./run-scenario.ts";
import type { Bench, Scenario } from "./scenario.ts";
import { judge, type Verdict } from "./summary.ts";
import { findTools } from "./tools.ts";

const given = read();
const folder = mkdtempSync(join(tmpdir(), "weft-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const bench: Bench = { tools: findTools(), folder, seconds: given.seconds };
const results: unknown[] = [];
if (!given.json && !given.profile) console.log(`${machine()}\n\n${PREFACE}\n`);
for (const scenario of given.scenarios) {
  try {
    if (given.profile) {
      console.log(`${await profileText(scenario, bench, given.rounds)}\n`);
      continue;
    }
    const measured = await runScenario(scenario, bench, { peers: given.peers, rounds: given.rounds, say });
    const verdicts = verdictsOf(scenario, measured);
    if (given.json) results.push(plain(scenario, measured, verdicts));
    else console.log(`${scenarioText(scenario, measured, verdicts)}\n`);
  } catch (error) {
    say(`${scenario.name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
if (given.json && !given.profile)
  console.log(JSON.stringify({ machine: machine(), seconds: given.seconds, scenarios: results }));

function read(): Arguments {
  try {
    return readArguments(argv.slice(2));
  } catch (error) {
    stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return exit(2);
  }
}

/** The aims are for weft; of peers that could not be measured there is nothing to judge. */
function verdictsOf(scenario: Scenario, { rounds }: Measured): Verdict[] {
  const ours = given.ours.filter((name) => rounds.has(name));
  return ours.flatMap((name) => scenario.aims.map((aim) => judge(aim, name, rounds)));
}

function plain({ name, title }: Scenario, { rounds, missing }: Measured, verdicts: readonly Verdict[]): unknown {
  return { name, title, rounds: Object.fromEntries(rounds), missing: Object.fromEntries(missing), aims: verdicts };
}

/** Progress goes to a terminal alone; a log keeps what went wrong and the results. */
function say(text: string): void {
  if (stderr.isTTY) stderr.write(`\r\u001B[K${text}`);
  else if (!/: (round \d|warming)/.test(text)) stderr.write(`${text}\n`);
}

function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model ?? "unknown processor";
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, ${processors.length} x ${model}, ${platform()} ${release()} ${arch()}, Node ${version}`;
}

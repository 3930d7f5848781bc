import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../../real/free-ports.ts";
import { type Running, startServer } from "./processes.ts";
import type { Bench, Endpoints, Figures, Peer, Scenario, Target } from "./scenario.ts";
import type { Rounds } from "./summary.ts";

/** A peer that has failed so often and never gave a figure is left out: it is not disturbed now and then, it fails. */
const GIVE_UP_AFTER = 3;

export interface Plan {
  readonly peers: readonly Peer[];
  /** Counted rounds; one more before them warms up. */
  readonly rounds: number;
  /** Told what goes wrong and how far it is. */
  readonly say: (text: string) => void;
}

export interface Measured {
  /** By peer, in their order; all lists are of the same length. */
  readonly rounds: ReadonlyMap<string, Rounds>;
  /** Peers left out, and why. */
  readonly missing: ReadonlyMap<string, string>;
}

/** A peer that can be measured: `open` gives it running, `close` ends it if it was for this round only. */
interface Turn {
  readonly name: string;
  open(): Promise<Target>;
  close(): Promise<void>;
}

/**
 * Measures every peer once per round, in an order that moves on by one each round: whatever the machine does meanwhile
 * is shared out evenly, and nobody always comes first. A peer that cannot start or fails is named and left out.
 */
export async function runScenario(scenario: Scenario, bench: Bench, plan: Plan): Promise<Measured> {
  const missing = new Map<string, string>();
  const endpoints = await scenario.endpoints(bench);
  const running: Running[] = [];
  try {
    const turns = await prepare(scenario, bench, plan, endpoints, missing, running);
    return { rounds: await takeTurns(scenario, bench, plan, turns, missing, endpoints), missing };
  } finally {
    await Promise.all(running.map((each) => each.stop()));
    await endpoints.stop();
  }
}

async function prepare(
  scenario: Scenario,
  bench: Bench,
  plan: Plan,
  endpoints: Endpoints,
  missing: Map<string, string>,
  running: Running[],
): Promise<Turn[]> {
  const turns: Turn[] = [];
  if (scenario.direct === true) {
    const target = { name: "direct", pid: 0, port: endpoints.ports[0]! };
    turns.push({ name: "direct", open: async () => target, close: async () => {} });
  }
  for (const peer of [...plan.peers, ...(scenario.extras ?? [])]) {
    const reason =
      scenario.without?.[peer.name] ?? (peer.modes.includes(scenario.mode) ? "" : `not for ${scenario.mode}`);
    if (reason !== "") {
      missing.set(peer.name, reason);
      continue;
    }
    try {
      const start = () => startPeer(peer, scenario, bench, endpoints);
      if (scenario.fresh === true) turns.push(freshTurn(peer.name, start));
      else {
        const { target, process } = await start();
        running.push(process);
        await scenario.prove?.(target, bench, endpoints);
        turns.push({ name: peer.name, open: async () => target, close: async () => {} });
      }
    } catch (error) {
      missing.set(peer.name, messageOf(error));
    }
  }
  return turns;
}

async function takeTurns(
  scenario: Scenario,
  bench: Bench,
  plan: Plan,
  turns: readonly Turn[],
  missing: Map<string, string>,
  endpoints: Endpoints,
): Promise<Map<string, Rounds>> {
  const measured = new Map(turns.map(({ name }): [string, Rounds[number][]] => [name, []]));
  const rounds = Math.min(plan.rounds, scenario.maxRounds ?? Infinity);
  for (let round = scenario.fresh === true ? 0 : -1; round < rounds; round++) {
    plan.say(round < 0 ? `${scenario.name}: warming up` : `${scenario.name}: round ${round + 1} of ${rounds}`);
    for (let i = 0; i < turns.length; i++) {
      const turn = turns[(i + Math.max(0, round)) % turns.length]!;
      if (missing.has(turn.name)) continue;
      const list = measured.get(turn.name)!;
      let figures: Figures | undefined;
      try {
        figures = await scenario.measure(await turn.open(), bench, endpoints);
      } catch (error) {
        plan.say(`${scenario.name}: ${turn.name}: ${messageOf(error)}`);
        const hopeless = !list.some((each) => each !== undefined) && list.length + 1 >= Math.min(GIVE_UP_AFTER, rounds);
        if (hopeless) missing.set(turn.name, messageOf(error));
      } finally {
        await turn.close();
      }
      if (round >= 0) list.push(figures);
    }
  }
  for (const name of missing.keys()) measured.delete(name);
  return measured;
}

/** A process of its own for each round. */
function freshTurn(name: string, start: () => Promise<{ target: Target; process: Running }>): Turn {
  let process: Running | undefined;
  return {
    name,
    async open() {
      const begun = await start();
      process = begun.process;
      return begun.target;
    },
    async close() {
      await process?.stop();
      process = undefined;
    },
  };
}

async function startPeer(peer: Peer, scenario: Scenario, { tools, folder }: Bench, endpoints: Endpoints) {
  const [listen = 0] = await freePorts(1);
  const home = join(folder, `${peer.name}-${listen}`);
  mkdirSync(home);
  const { mode, calls } = scenario;
  const setup = { tools, folder: home, mode, listen, upstreams: endpoints.ports };
  const launch = peer.launch(calls === undefined ? setup : { ...setup, calls });
  if (typeof launch === "string") throw new Error(launch);
  const process = await startServer(launch, listen);
  return { process, target: { name: peer.name, pid: process.pid, port: listen } };
}

/** On one line, and not a whole log. */
function messageOf(error: unknown): string {
  const all = error instanceof Error ? error.message : String(error);
  // Of a program of Node's that threw, the line that says what.
  const text = (/^\w*Error: .*$/m.exec(all)?.[0] ?? all).trim().replaceAll(/\s*\n\s*/g, " / ");
  return text.length > 200 ? `${text.slice(0, 200)} ...` : text;
}

import { spawnSync } from "node:child_process";
import { argv, execArgv, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { getHeapStatistics } from "node:v8";
import {
  BalancedCluster,
  type Clock,
  endpoint,
  first,
  ketama,
  leastRequest,
  maglev,
  meshEvents,
  OngoingCall,
  peakEwma,
  type Picker,
  prequal,
  type Random,
  random,
  ringHash,
  roundRobin,
  sourceIp,
  SUCCESS,
  weightedRoundRobin,
  Word64,
} from "@weft/core";
import { isMain, table } from "./report.ts";

const SIZES = [10, 1_000, 10_000];
/** Processes for each cell: where the memory of one happens to lie makes a difference of its own. */
const PROCESSES = 3;
const ROUNDS = 40;
const STEPS = 4_000;

/** Picks nothing and looks at nothing: what remains is the cluster around the picker, and the loop. */
const none = (): Picker => ({ kind: "(no picker)", arrange() {}, pick: (nodes) => nodes[0] });

const PICKERS: readonly (() => Picker)[] = [
  none,
  first,
  roundRobin,
  weightedRoundRobin,
  random,
  leastRequest,
  peakEwma,
  prequal,
  ringHash,
  maglev,
  ketama,
  sourceIp,
];

const STILL: Clock = { nowMs: () => 5_000 };
const REAL: Clock = { nowMs: () => performance.now() };
const CHANCE = xorshift();

/** What is measured, in this order. */
const WAYS: readonly { title: string; clock: Clock; step: (lab: Lab) => void }[] = [
  {
    title: `ns for one \`choose\`, the least of ${PROCESSES} x ${ROUNDS} rounds of ${STEPS}, by a clock that stands still; and bytes allocated for it.`,
    clock: STILL,
    step: choose,
  },
  {
    title: "The same by the real clock: reading it is part of the pick.",
    clock: REAL,
    step: choose,
  },
  {
    title:
      "ns for a whole attempt, by a clock that stands still: `acquire`, `answered`, `release`. The bytes are the lease.",
    clock: STILL,
    step: cycle,
  },
];

/**
 * What a pick costs, by policy and number of endpoints. Each cell has a process of its own, as each service usually
 * has one policy: a call site that has seen seven pickers is slower than one that knows its own.
 */
export function pickReport(): string {
  const head = ["policy", ...SIZES.map((size) => `${size.toLocaleString("en")} endpoints`), "bytes"];
  const tables = WAYS.map(({ title }, way) => {
    const rows = PICKERS.map((picker, i) => {
      const cells = SIZES.map((size) => measuredApart(way, i, size));
      const bytes = Math.max(...cells.map((cell) => cell.bytes));
      return [picker().kind, ...cells.map(({ ns }) => ns.toFixed(0)), bytes.toFixed(0)];
    });
    return `${title}\n\n${table(head, rows)}`;
  });
  return tables.join("\n\n");
}

interface Cell {
  readonly ns: number;
  readonly bytes: number;
}

function measuredApart(...cell: [way: number, picker: number, size: number]): Cell {
  const runs = Array.from({ length: PROCESSES }, () => runApart(cell));
  return { ns: Math.min(...runs.map(({ ns }) => ns)), bytes: Math.min(...runs.map(({ bytes }) => bytes)) };
}

function runApart(cell: readonly number[]): Cell {
  const args = [...execArgv, fileURLToPath(import.meta.url), ...cell.map(String)];
  const { stdout, stderr, status } = spawnSync(execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`measuring ${cell.join(" ")} failed: ${stderr}`);
  return JSON.parse(stdout) as Cell; // written by `measured`, below
}

function measured(way: number, picker: number, size: number): Cell {
  const { clock, step } = WAYS[way]!;
  const one = lab(size, PICKERS[picker]!(), clock);
  const run = (steps: number): void => {
    for (let i = 0; i < steps; i++) step(one);
  };
  return { ns: nsOf(run), bytes: bytesOf(run) };
}

/** Draws that allocate nothing, so that what is counted is the picker's: `Math.random` makes 16 bytes a draw. */
function xorshift(): Random {
  const state = new Int32Array([0x2545f491]);
  const next = (): number => {
    let x = state[0]!;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    state[0] = x;
    return x & 0x3fff_ffff;
  };
  return { below: (bound) => next() % bound, unit: () => next() / 2 ** 30 };
}

interface Lab {
  readonly cluster: BalancedCluster;
  readonly call: Untiring;
}

/** One call for all picks: it forgets where it has been. */
class Untiring extends OngoingCall {
  turn = 0;
  override trying(): void {}
}

function lab(size: number, picker: Picker, clock: Clock): Lab {
  const policy = { picker };
  const events = meshEvents();
  const cluster = new BalancedCluster({ service: "orders", clock, random: CHANCE, events, policy });
  cluster.update(
    Array.from({ length: size }, (_, i) => {
      const host = `10.0.${i >> 8}.${i & 255}`;
      return endpoint({ host, port: 80, weight: picker.kind === "weighted-round-robin" ? 1 + (i % 4) : 1 });
    }),
  );
  const call = new Untiring(1, "orders", clock.nowMs(), true);
  // Every endpoint has answered, some slower than others, and said how loaded it is.
  cluster.snapshot().endpoints.forEach((node, i) => {
    const lease = cluster.lease(node.endpoint, call);
    const load = { perSecond: 0, errorsPerSecond: 0, utilization: 0, cpu: 0, inFlight: i % 5, latencyMs: 10 + (i % 7) };
    lease.reported(load, clock.nowMs());
    lease.release(SUCCESS, clock.nowMs() + 10 + (i % 7));
  });
  return { cluster, call };
}

/** Keys in turn, for the policies that go by them: with one alone, a search in a ring would always take one way. */
const KEYS = Array.from({ length: 1_024 }, () => new Word64(CHANCE.below(2 ** 30) << 2, CHANCE.below(2 ** 30)));

function choose({ cluster, call }: Lab): void {
  call.hash = KEYS[call.turn++ & 1_023];
  cluster.choose(call);
}

function cycle({ cluster, call }: Lab): void {
  call.hash = KEYS[call.turn++ & 1_023];
  const lease = cluster.acquire(call);
  lease.answered(SUCCESS);
  lease.release(SUCCESS);
}

/** The least: other work on the machine can only add. */
function nsOf(run: (steps: number) => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const began = process.hrtime.bigint();
    run(STEPS);
    least = Math.min(least, Number(process.hrtime.bigint() - began) / STEPS);
  }
  return least;
}

/** Allocated, not kept: collections in between change nothing. The least of some rounds: compilation allocates too. */
function bytesOf(run: (steps: number) => void): number {
  const steps = 400_000;
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const before = getHeapStatistics().total_allocated_bytes;
    run(steps);
    least = Math.min(least, (getHeapStatistics().total_allocated_bytes - before) / steps);
  }
  return least;
}

if (isMain(import.meta.url)) {
  const cell = argv.slice(2).map(Number);
  console.log(cell.length === 3 ? JSON.stringify(measured(cell[0]!, cell[1]!, cell[2]!)) : pickReport());
}

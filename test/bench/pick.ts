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
  reportedLoad,
  ringHash,
  roundRobin,
  sourceIp,
  SUCCESS,
  weightedRoundRobin,
  Word64,
} from "@weft/core";
import { isMain, table } from "./report.ts";

const SIZES = [10, 1_000, 10_000];
/** Processes for each policy: where the memory of one happens to lie makes a difference of its own. */
const PROCESSES = 2;
const ROUNDS = 30;
const STEPS = 2_000;

/** Picks nothing and looks at nothing: what remains is the cluster around the picker, and the loop. */
const none = (): Picker => ({ kind: "(no picker)", arrange() {}, pick: (nodes) => nodes[0] });

const PICKERS: readonly { readonly title: string; readonly make: () => Picker }[] = [
  ...[none, first, roundRobin, weightedRoundRobin, random, leastRequest, peakEwma, reportedLoad, prequal].map(named),
  ...[ringHash, maglev, ketama, sourceIp].map((make) => named(() => make())),
  { title: "maglev, maxLoad 1.25", make: () => maglev({ maxLoad: 1.25 }) },
];

function named(make: () => Picker): { readonly title: string; readonly make: () => Picker } {
  return { title: make().kind, make };
}

/** One clock for all: a call site that has seen two would be slower. */
const CLOCK: Clock & { stands: boolean } = {
  stands: true,
  nowMs: () => (CLOCK.stands ? 5_000 : performance.now()),
};
const CHANCE = xorshift();

/** What is measured, in this order: one after the other in the same process, of each size in turn. */
const WAYS: readonly { title: string; stands: boolean; step: (lab: Lab) => void }[] = [
  {
    title: `ns for one \`choose\`, the least of ${PROCESSES} x ${ROUNDS} rounds of ${STEPS}, by a clock that stands still; and bytes allocated for it.`,
    stands: true,
    step: choose,
  },
  {
    title: "The same by the real clock: reading it is part of the pick.",
    stands: false,
    step: choose,
  },
  {
    title:
      "ns for a whole attempt, by a clock that stands still: `acquire`, `answered`, `release`. The bytes are the lease.",
    stands: true,
    step: cycle,
  },
];

/**
 * What a pick costs, by policy and number of endpoints. Each policy has a process of its own, as each service usually
 * has one: a call site that has seen seven pickers is slower than one that knows its own.
 */
export function pickReport(): string {
  const head = ["policy", ...SIZES.map((size) => `${size.toLocaleString("en")} endpoints`), "bytes"];
  const rows = PICKERS.map(({ title }, picker) => ({ title, cells: measuredApart(picker) }));
  const tables = WAYS.map(({ title }, way) => {
    const lines = rows.map(({ title: policy, cells }) => {
      const bytes = Math.max(...cells.map((cell) => cell[way]!.bytes));
      return [policy, ...cells.map((cell) => cell[way]!.ns.toFixed(0)), bytes.toFixed(0)];
    });
    return `${title}\n\n${table(head, lines)}`;
  });
  return tables.join("\n\n");
}

interface Cell {
  readonly ns: number;
  readonly bytes: number;
}

/** For each size one cell for each way. */
type Cells = readonly (readonly Cell[])[];

function measuredApart(picker: number): Cells {
  const runs = Array.from({ length: PROCESSES }, () => runApart(picker));
  const least = (size: number, way: number, of: keyof Cell): number => {
    return Math.min(...runs.map((cells) => cells[size]![way]![of]));
  };
  return SIZES.map((_size, size) => {
    return WAYS.map((_way, way) => ({ ns: least(size, way, "ns"), bytes: least(size, way, "bytes") }));
  });
}

function runApart(picker: number): Cells {
  const args = [...execArgv, fileURLToPath(import.meta.url), String(picker)];
  const { stdout, stderr, status } = spawnSync(execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`measuring ${PICKERS[picker]!.title} failed: ${stderr}`);
  return JSON.parse(stdout) as Cells; // written below
}

function measured(picker: number, size: number): readonly Cell[] {
  const one = lab(size, PICKERS[picker]!.make());
  return WAYS.map(({ stands, step }) => {
    CLOCK.stands = stands;
    const run = (steps: number): void => {
      for (let i = 0; i < steps; i++) step(one);
    };
    return { ns: nsOf(run), bytes: bytesOf(run) };
  });
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

function lab(size: number, picker: Picker): Lab {
  const policy = { picker };
  const events = meshEvents();
  const cluster = new BalancedCluster({ service: "orders", clock: CLOCK, random: CHANCE, events, policy });
  cluster.update(
    Array.from({ length: size }, (_, i) => {
      const host = `10.0.${i >> 8}.${i & 255}`;
      return endpoint({ host, port: 80, weight: picker.kind === "weighted-round-robin" ? 1 + (i % 4) : 1 });
    }),
  );
  const nowMs = CLOCK.nowMs();
  const call = new Untiring(1, "orders", nowMs, true);
  // Every endpoint has answered, some slower than others, and has said how it does.
  cluster.snapshot().endpoints.forEach((node, i) => {
    const lease = cluster.lease(node.endpoint, call);
    lease.reported({ ...REPORT, utilization: 0.3 + (i % 7) / 20, latencyMs: 10 + (i % 7) }, nowMs);
    lease.release(SUCCESS, nowMs + 10 + (i % 7));
  });
  return { cluster, call };
}

const REPORT = { perSecond: 100, errorsPerSecond: 0, utilization: 0, cpu: 0.3, inFlight: 3, latencyMs: 0 };

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
  const steps = 40_000;
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const before = getHeapStatistics().total_allocated_bytes;
    run(steps);
    least = Math.min(least, (getHeapStatistics().total_allocated_bytes - before) / steps);
  }
  return least;
}

if (isMain(import.meta.url)) {
  const [picker] = argv.slice(2).map(Number);
  console.log(picker === undefined ? pickReport() : JSON.stringify(SIZES.map((size) => measured(picker, size))));
}

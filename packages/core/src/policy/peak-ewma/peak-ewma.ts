import * as cell from "../../cluster/node-cells.ts";
import type { Node } from "../../cluster/node.ts";
import * as part from "../../decision/pick-record.ts";
import { type Draw, isOpen, openFrom, type Picker } from "../picker.ts";
import { longerUnused, lower, SCANNED, secondOf, shuffleUnused } from "../two-choices.ts";
import { cost } from "./cost.ts";
import { readFailures } from "./failure-ratio.ts";
import { readLatency } from "./peak-latency.ts";

// Numbers of its own, for the sake of speed: see `../prequal/told-load.ts`.
const { FAILURES, HOLD_UNTIL, OLDEST, PENDING, WEIGHT } = cell;
const { FAILURE_PART, HOLD_PART, LATENCY_PART, LOAD, PENDING_PART, WEIGHT_PART } = part;

/** Further pairs drawn while the best so far fails more often than not: two bad nodes may have met. */
const REDRAWS = 3;
const MOSTLY_FAILING = 0.5;
/** An idle newcomer counts as so much of what is typical: known ones would otherwise always be a little cheaper. */
const NEWCOMER_RATIO = 0.5;
/** Above any cost: a newcomer that has one attempt out is taken only when every other choice is such a one too. */
const NEWCOMER_BUSY = 2 ** 47;

/**
 * Of two different nodes drawn, takes the one that costs less, by latency, failures and leases. The default.
 *
 *   cost = ((m / typical)^2 + 150 * f^2) * (pending + 1) / weight
 *   m    = max(peak latency, age of the oldest attempt without an answer)
 *
 * Up to three nodes are all compared. A newcomer counts as twice as fast as is typical, and gets one attempt at a
 * time until its first answer: so each is tried soon, and none is flooded. A node that asked to be left alone (Retry-After) counts as failing, unless all compared ones did.
 * While the winner fails more than half the time, up to three more pairs are drawn.
 * Source: reference 2.4, 2.4a (replay of measured latencies: 99.965 % within 1 s, against 99.47 % for least request).
 * Cost: O(1), two to four exp for a pair.
 */
export function peakEwma(): Picker {
  return {
    kind: "peak-ewma",
    arrange: shuffleUnused,
    pick(nodes, draw) {
      if (nodes.length <= SCANNED) return scan(nodes, draw);
      let best = pair(nodes, draw);
      for (let redraws = 0; redraws < REDRAWS && mostlyFails(best, draw); redraws++) {
        const other = pair(nodes, draw);
        const tie = longerUnused(nodes, best, other);
        best = lower(tie, best, weigh(nodes, best, draw, true), other, weigh(nodes, other, draw, true), draw);
      }
      return isOpen(nodes, best, draw) ? nodes[best] : openFrom(nodes, draw.random.below(nodes.length), draw);
    },
  };
}

function pair(nodes: readonly Node[], draw: Draw): number {
  const a = draw.random.below(nodes.length);
  const b = secondOf(a, nodes.length, draw);
  const holds = !bothOnHold(a, b, draw);
  const tie = longerUnused(nodes, a, b);
  return lower(tie, a, weigh(nodes, a, draw, holds), b, weigh(nodes, b, draw, holds), draw);
}

/** Reads both rows before either is needed, as `longerUnused` does with the nodes. */
function bothOnHold(a: number, b: number, { cells, places, nowMs }: Draw): boolean {
  const untilA = cells[places[a * 2]! + HOLD_UNTIL]!;
  const untilB = cells[places[b * 2]! + HOLD_UNTIL]!;
  return Math.min(untilA, untilB) > nowMs;
}

function scan(nodes: readonly Node[], draw: Draw): Node | undefined {
  if (nodes.length === 0) return undefined;
  let holds = false;
  for (let i = 0; i < nodes.length; i++) holds ||= !onHold(i, draw);
  let best = -1;
  let atBest = 0;
  for (let i = 0; i < nodes.length; i++) {
    const at = weigh(nodes, i, draw, holds);
    if (best >= 0 && lower(longerUnused(nodes, best, i), best, atBest, i, at, draw) === best) continue;
    best = i;
    atBest = at;
  }
  return draw.record.ring[atBest + LOAD]! < Number.POSITIVE_INFINITY ? nodes[best] : undefined;
}

function onHold(index: number, draw: Draw): boolean {
  return draw.cells[draw.places[index * 2]! + HOLD_UNTIL]! > draw.nowMs;
}

function mostlyFails(index: number, draw: Draw): boolean {
  const row = draw.places[index * 2]!;
  // The value as written bounds the one read now: usually it is 0, and no exp is needed.
  return draw.cells[row + FAILURES]! > MOSTLY_FAILING && readFailures(draw.cells, row, draw.nowMs) > MOSTLY_FAILING;
}

/**
 * Works out what a node costs, and writes it down.
 *
 * @param holds whether a node that asked to be left alone counts as failing
 * @returns the offset of its numbers in the record
 */
function weigh(nodes: readonly Node[], index: number, draw: Draw, holds: boolean): number {
  const { cells, nowMs, typicalMs } = draw;
  const row = draw.places[index * 2]!;
  const pending = cells[row + PENDING]!;
  const weight = cells[row + WEIGHT]!;
  const peakMs = readLatency(cells, row, nowMs);
  const newcomer = peakMs < 0;
  const latencyMs = Math.max(newcomer ? typicalMs * NEWCOMER_RATIO : peakMs, nowMs - cells[row + OLDEST]!);
  const holdUntilMs = cells[row + HOLD_UNTIL]!;
  const failures = holds && holdUntilMs > nowMs ? 1 : readFailures(cells, row, nowMs);
  let value = Number.POSITIVE_INFINITY;
  if (isOpen(nodes, index, draw)) {
    value = newcomer && pending > 0 ? NEWCOMER_BUSY + pending : cost(latencyMs, typicalMs, failures, pending, weight);
  }
  const { ring } = draw.record;
  const at = draw.record.candidate(draw.places[index * 2 + 1]!);
  ring[at + LOAD] = value;
  ring[at + LATENCY_PART] = latencyMs;
  ring[at + FAILURE_PART] = failures;
  ring[at + PENDING_PART] = pending;
  ring[at + WEIGHT_PART] = weight;
  ring[at + HOLD_PART] = holdUntilMs;
  return at;
}

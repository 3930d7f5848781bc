import { FAILURES_AT, HOLD_UNTIL, LATENCY, OLDEST, PENDING, WEIGHT } from "../../cluster/node-cells.ts";
import type { Node } from "../../cluster/node.ts";
import {
  FAILURE_PART,
  HOLD_PART,
  HOT,
  IN_FLIGHT_PART,
  LATENCY_PART,
  LOAD,
  PENDING_PART,
  WEIGHT_PART,
} from "../../decision/pick-record.ts";
import { readFailures } from "../peak-ewma/failure-ratio.ts";
import { readLatency, TAU_MS } from "../peak-ewma/peak-latency.ts";
import type { Draw } from "../picker.ts";
import { hotColdScore } from "./hot-cold.ts";

/** What was heard of an endpoint is fresh for so long, in ms. Source: Prequal, age-out of probes. */
export const FRESH_MS = 1_000;
/** One that fails more often is hot, whatever it says of itself: who only answers errors is never busy. */
const MOSTLY_FAILING = 0.25;
/** Weight of the failure ratio. Source: reference 2.4a. */
const FAILURE_WEIGHT = 150;
/** What we keep is a peak, what endpoints report a median: so much of the one compares with the other. By simulation. */
const OF_PEAK = 1 / 3;
/** Greater numbers are taken for this one, so that whoever is cold stays before whoever is hot. */
const MOST = 1e9;
/** Hot for its failures: after those that are hot for their load. */
const FAILING = HOT * 4;
/** A newcomer with an attempt out: the last that is taken. As with peak EWMA. */
const NEWCOMER_BUSY = 2 ** 47;

/** Numbers of one look, side by side. */
export const LOOK_WIDTH = 8;
/** Of the node in the list. */
export const INDEX = 0;
/** When it was looked at. */
export const AT = 1;
/** Requests in flight, the next one counted, for its weight. */
export const BUSY = 2;
/** Latency in ms, raised by failures. */
export const SLOW = 3;
/** What is compared: written by `score`. */
export const SCORE = 4;
const IN_FLIGHT = 5;
const LATENCY_MS = 6;
const FAILURES = 7;

/** Looks at one node, and writes down at `at` what is known of it. */
export function look(looks: Float64Array, at: number, nodes: readonly Node[], index: number, draw: Draw): void {
  const { cells, nowMs } = draw;
  const row = draw.places[index * 2]!;
  const node = nodes[index]!;
  const pending = cells[row + PENDING]!;
  const inFlight = inFlightAt(node, row, draw);
  const known = latencyAt(node, row, draw);
  // A newcomer is tried before all others; one that has only failed yet is as slow as is typical.
  const failures = cells[row + HOLD_UNTIL]! > nowMs ? 1 : readFailures(cells, row, nowMs);
  const latencyMs = known >= 0 ? known : failures > 0 ? draw.typicalMs : 0;
  const price = 1 + FAILURE_WEIGHT * failures * failures;
  const busy = Math.min((inFlight + 1) / cells[row + WEIGHT]!, MOST);
  looks[at + INDEX] = index;
  looks[at + AT] = nowMs;
  looks[at + SLOW] = Math.min(latencyMs, MOST) * Math.sqrt(price);
  looks[at + BUSY] =
    known < 0 && pending > 0 ? NEWCOMER_BUSY + busy : failures > MOSTLY_FAILING ? FAILING + busy * price : busy;
  looks[at + IN_FLIGHT] = inFlight;
  looks[at + LATENCY_MS] = latencyMs;
  looks[at + FAILURES] = failures;
}

/**
 * Requests in flight at a node, by its last report and our own attempts since, which it cannot have counted. Without a
 * fresh report: our own attempts at it.
 */
export function inFlightAt({ report, attempts }: Node, row: number, { cells, nowMs }: Draw): number {
  const pending = cells[row + PENDING]!;
  if (report === undefined || report.inFlight < 0 || nowMs - report.loadAtMs > FRESH_MS) return pending;
  return Math.max(pending, report.inFlight + attempts - report.attempts);
}

/** In ms; negative: nothing is known. */
function latencyAt({ report }: Node, row: number, { cells, nowMs }: Draw): number {
  const peakMs = readLatency(cells, row, nowMs);
  const ageMs = nowMs - cells[row + OLDEST]!;
  // An attempt is out for longer than any has lately taken: that is evidence before it ends.
  const outMs = ageMs > cells[row + LATENCY]! ? ageMs : 0;
  if (report === undefined || report.latencyMs < 0) return peakMs < 0 ? peakMs : Math.max(peakMs, outMs);
  const staleMs = nowMs - report.loadAtMs - FRESH_MS;
  const reportedMs = staleMs > 0 ? report.latencyMs * Math.exp(-staleMs / TAU_MS) : report.latencyMs;
  return Math.max(reportedMs, peakMs * OF_PEAK, outMs);
}

/** Whether nothing was heard of the node lately, and one attempt would tell whether it is still as it was. */
export function isUnseen(row: number, { cells, nowMs }: Draw): boolean {
  return (
    nowMs - cells[row + FAILURES_AT]! > FRESH_MS &&
    cells[row + PENDING] === 0 &&
    readFailures(cells, row, nowMs) <= MOSTLY_FAILING
  );
}

/** @param line loads above are hot */
export function score(looks: Float64Array, at: number, line: number): void {
  looks[at + SCORE] = hotColdScore(looks[at + BUSY]!, looks[at + SLOW]!, line);
}

/** Writes down as a candidate of the pick what a look found. */
export function record(looks: Float64Array, at: number, draw: Draw): void {
  const { cells, places } = draw;
  const { ring } = draw.record;
  const index = looks[at + INDEX]!;
  const row = places[index * 2]!;
  const place = draw.record.candidate(places[index * 2 + 1]!);
  ring[place + LOAD] = looks[at + SCORE]!;
  ring[place + LATENCY_PART] = looks[at + LATENCY_MS]!;
  ring[place + FAILURE_PART] = looks[at + FAILURES]!;
  ring[place + PENDING_PART] = cells[row + PENDING]!;
  ring[place + WEIGHT_PART] = cells[row + WEIGHT]!;
  ring[place + HOLD_PART] = cells[row + HOLD_UNTIL]!;
  ring[place + IN_FLIGHT_PART] = looks[at + IN_FLIGHT]!;
}

/** The look's endpoint gets one more attempt. */
export function used(looks: Float64Array, at: number, { cells, places }: Draw): void {
  looks[at + IN_FLIGHT]!++;
  looks[at + BUSY]! += 1 / cells[places[looks[at + INDEX]! * 2]! + WEIGHT]!;
}

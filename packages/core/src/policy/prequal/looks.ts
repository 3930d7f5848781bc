import * as cell from "../../cluster/node-cells.ts";
import * as part from "../../decision/pick-record.ts";
import { readFailures } from "../peak-ewma/failure-ratio.ts";
import type { Draw } from "../picker.ts";
import * as told from "./told-load.ts";

// Numbers of its own, for the sake of speed: see `told-load.ts`.
const { FAILURES_AT, HOLD_UNTIL, PENDING, WEIGHT } = cell;
const { FAILURE_PART, HOLD_PART, HOT, IN_FLIGHT_PART, LATENCY_PART, LOAD, PENDING_PART, WEIGHT_PART } = part;
const { FRESH_MS, inFlightAt, latencyAt, MOST } = told;

/** One that fails more often is hot, whatever it says of itself: who only answers errors is never busy. */
const MOSTLY_FAILING = 0.25;
/** Weight of the failure ratio. Source: reference 2.4a. */
const FAILURE_WEIGHT = 150;
/** Hot for its failures: after those that are hot for their load. */
const FAILING = HOT * 4;
/** A newcomer with an attempt out: the last that is taken. As with peak EWMA. */
const NEWCOMER_BUSY = 2 ** 47;

/** Numbers of one look, side by side. */
export const LOOK_WIDTH = 7;
/** When it was looked at. */
export const AT = 0;
/** Requests in flight, the next one counted, for its weight. */
export const BUSY = 1;
/** Latency in ms, raised by failures. */
export const SLOW = 2;
/** What is compared. */
export const SCORE = 3;
const IN_FLIGHT = 4;
const LATENCY_MS = 5;
const FAILURES = 6;

/** Looks at the node at `index` of the list, and writes down at `at` what is known of it; not yet its score. */
export function look(looks: Float64Array, at: number, index: number, draw: Draw): void {
  const { cells, nowMs } = draw;
  const row = draw.places[index * 2]!;
  const pending = cells[row + PENDING]!;
  const inFlight = inFlightAt(cells, row, nowMs);
  const known = latencyAt(cells, row, nowMs);
  const failures = cells[row + HOLD_UNTIL]! > nowMs ? 1 : readFailures(cells, row, nowMs);
  // A newcomer is tried before all others; one that has only failed yet is as slow as is typical.
  const latencyMs = known >= 0 ? known : failures > 0 ? draw.typicalMs : 0;
  const price = 1 + FAILURE_WEIGHT * failures * failures;
  const busy = Math.min(busyWith(inFlight, cells[row + WEIGHT]!), MOST);
  looks[at + AT] = nowMs;
  looks[at + SLOW] = Math.min(latencyMs, MOST) * (failures > 0 ? Math.sqrt(price) : 1);
  looks[at + BUSY] =
    known < 0 && pending > 0 ? NEWCOMER_BUSY + busy : failures > MOSTLY_FAILING ? FAILING + busy * price : busy;
  looks[at + IN_FLIGHT] = inFlight;
  looks[at + LATENCY_MS] = latencyMs;
  looks[at + FAILURES] = failures;
}

/** Requests in flight of the node at `row`, the next one counted, for its weight. */
export function busyAt(cells: Float64Array, row: number, nowMs: number): number {
  return busyWith(inFlightAt(cells, row, nowMs), cells[row + WEIGHT]!);
}

function busyWith(inFlight: number, weight: number): number {
  return weight === 1 ? inFlight + 1 : (inFlight + 1) / weight; // a division takes as long as all the rest
}

/** Whether nothing was heard of the node lately, and one attempt would tell whether it is still as it was. */
export function isUnseen(row: number, { cells, nowMs }: Draw): boolean {
  return (
    Math.abs(nowMs - cells[row + FAILURES_AT]!) > FRESH_MS &&
    cells[row + PENDING] === 0 &&
    readFailures(cells, row, nowMs) <= MOSTLY_FAILING
  );
}

/** Writes down as a candidate of the pick what a look at the node at `index` found. */
export function record(looks: Float64Array, at: number, index: number, draw: Draw): void {
  const { cells, places } = draw;
  const { ring } = draw.record;
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

/** The node at `index`, which was looked at, gets one more attempt. */
export function used(looks: Float64Array, at: number, index: number, { cells, places }: Draw): void {
  looks[at + IN_FLIGHT]!++;
  looks[at + BUSY]! += 1 / cells[places[index * 2]! + WEIGHT]!;
}

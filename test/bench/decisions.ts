import {
  BalancedCluster,
  DecisionLog,
  endpoint,
  failure,
  meshEvents,
  type Node,
  OngoingCall,
  SUCCESS,
} from "@weft/core";
import { CallLog } from "@weft/runtime";
import { isMain, table } from "./report.ts";

const ROUNDS = 60;
const STEPS = 5_000;
/** Numbers of one candidate, behind its node's: as peak EWMA writes them. */
const PARTS = 6;

/** What `explain` costs a call: its records, and its place among the calls that have ended. */
export function decisionsReport(): string {
  const [node, absent] = nodeAndAbsent();
  const quiet = new DecisionLog();
  const short = new DecisionLog();
  const troubled = new DecisionLog();
  const failing = new DecisionLog();
  const ways: readonly (readonly [string, (number: number) => void])[] = [
    ["one attempt: a pick of two candidates, two draws", (call) => oneAttempt(quiet, node, call)],
    ["the same with three endpoints out of traffic", (call) => oneAttempt(short, node, call, absent)],
    [
      "the same while one call in a hundred goes wrong and is kept",
      (call) => {
        oneAttempt(troubled, node, call);
        if (call % 100 === 0) troubled.keep(call);
      },
    ],
    ["two attempts, a retry between them, all of it kept", (call) => twoAttempts(failing, node, call)],
    ["a call that has ended, by its trace", endedCall()],
  ];
  const rows = ways.map(([what, step]) => [what, nsOf(step).toFixed(0), bytesOf(step).toFixed(0)]);
  return `ns for one call, least of ${ROUNDS} rounds of ${STEPS}; and bytes allocated for it.\n\n${table(["what is written", "ns", "bytes"], rows)}`;
}

function oneAttempt(log: DecisionLog, node: Node, call: number, absent?: Float64Array): void {
  pickOf(log, node, call, 1, absent);
  log.attempt(20, call, 1, node, SUCCESS, 10);
}

function twoAttempts(log: DecisionLog, node: Node, call: number): void {
  pickOf(log, node, call, 1);
  log.attempt(20, call, 1, node, FAILED, 10);
  log.retry(20, call, 1, "retried", 5, 99);
  pickOf(log, node, call, 2);
  log.attempt(40, call, 2, node, SUCCESS, 10);
  log.keep(call);
}

const FAILED = failure("connect");

function pickOf(log: DecisionLog, node: Node, call: number, attempt: number, absent?: Float64Array): void {
  log.pick(10, call, attempt, 30);
  for (let candidate = 0; candidate < 2; candidate++) {
    log.drew(candidate);
    const at = log.candidate(candidate);
    for (let part = 1; part <= PARTS; part++) log.ring[at + part] = part;
  }
  if (absent !== undefined) log.without(absent);
  log.picked("chosen", node, 5, 5, 0, 0, 0);
}

function endedCall(): (number: number) => void {
  const log = new CallLog();
  const ids = Array.from({ length: 512 }, (_, i) =>
    (i + 1).toString(16).padStart(32, "4bf92f3577b34da6a3ce929d0e0e4736"),
  );
  const call = new OngoingCall(1, "orders", 1.5, true);
  const of = { call, endedMs: 9.25, status: 200, grpcStatus: -1, error: undefined };
  return (number) => void log.ended(of, "outbound", "orders-1", ids[number & 511]!, false);
}

/** A node of a real cluster, and numbers as it writes them for those that take no traffic. */
function nodeAndAbsent(): [Node, Float64Array] {
  let found: Node | undefined;
  const picker = {
    kind: "first",
    arrange: (nodes: readonly Node[]): void => void (found = nodes[0]),
    pick: (nodes: readonly Node[]): Node | undefined => nodes[0],
  };
  const clock = { nowMs: () => 5_000 };
  const random = { below: () => 0, unit: () => 0 };
  const cluster = new BalancedCluster({ service: "orders", clock, random, events: meshEvents(), policy: { picker } });
  cluster.update([endpoint({ host: "10.0.0.1", port: 80 })]);
  if (found === undefined) throw new Error("the cluster has arranged nobody");
  return [found, Float64Array.from({ length: 9 }, (_, i) => i % 3)];
}

let number = 0;

function nsOf(step: (number: number) => void): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    for (let i = 0; i < STEPS; i++) step(++number);
    return ((performance.now() - began) * 1e6) / STEPS;
  });
  return Math.min(...times);
}

function bytesOf(step: (number: number) => void): number {
  const counts = Array.from({ length: ROUNDS }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < STEPS; i++) step(++number);
    return (process.memoryUsage().heapUsed - before) / STEPS;
  });
  return Math.max(0, Math.min(...counts.filter((count) => count >= 0)));
}

if (isMain(import.meta.url)) console.log(decisionsReport());

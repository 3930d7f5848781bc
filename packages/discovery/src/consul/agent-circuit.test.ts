import { fakeTime, seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { AgentCircuit } from "./agent-circuit.ts";

const forever = new AbortController().signal;

test("lets everybody in while the agent answers", async () => {
  const circuit = new AgentCircuit(fakeTime(), seededRandom(7));
  await Promise.all([circuit.enter(forever), circuit.enter(forever)]);
  expect(circuit.problem).toBeUndefined();
});

test("while the agent is down one asks, and the others come when it is back", async () => {
  const time = fakeTime();
  const circuit = new AgentCircuit(time, seededRandom(7));
  circuit.unreachable("connect ECONNREFUSED");
  const entered: number[] = [];
  for (let i = 0; i < 5; i++) void circuit.enter(forever).then(() => entered.push(i));
  await time.advance(1_000);
  expect(entered).toEqual([0]);
  circuit.reached();
  await time.advance(0);
  expect(entered.toSorted()).toEqual([0, 1, 2, 3, 4]);
});

test("hands the question on when the one who asked is closed", async () => {
  const time = fakeTime();
  const circuit = new AgentCircuit(time, seededRandom(7));
  circuit.unreachable("down");
  const first = new AbortController();
  const asked: string[] = [];
  const one = circuit.enter(first.signal).catch(() => asked.push("first gave up"));
  void circuit.enter(forever).then(() => asked.push("second"));
  await time.advance(0);
  first.abort();
  await one;
  await time.advance(1_000);
  expect(asked).toEqual(["first gave up", "second"]);
});

test("failures under way together count once; later ones lengthen the pause up to 30 s", async () => {
  const time = fakeTime();
  const always = { below: () => 0, unit: () => 0.999_999 }; // the longest pause that the jitter allows
  const circuit = new AgentCircuit(time, always);
  for (let i = 0; i < 50; i++) circuit.unreachable("down");
  expect(circuit.pauseMs()).toBeCloseTo(250, 0);
  for (let i = 0; i < 20; i++) {
    await time.advance(circuit.pauseMs());
    circuit.unreachable("down");
  }
  expect(circuit.pauseMs()).toBeCloseTo(30_000, -1);
});

test("after a long outage those who waited come back spread over 50 ms each", async () => {
  const time = fakeTime();
  const circuit = new AgentCircuit(time, seededRandom(7));
  circuit.unreachable("down");
  const cameAtMs: number[] = [];
  for (let i = 0; i < 100; i++) void circuit.enter(forever).then(() => cameAtMs.push(time.nowMs()));
  await time.advance(10_001);
  expect(cameAtMs).toHaveLength(1);
  circuit.reached();
  await time.advance(50 * 100);
  expect(cameAtMs).toHaveLength(100);
  // 99 uniform draws over 4,950 ms: that none of them lies in the last fifth has odds of 0.8^99, below 1e-9.
  expect(Math.max(...cameAtMs)).toBeGreaterThan(10_001 + 0.8 * 4_950);
});

import { endpoint } from "@weft/core";
import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import type { EndpointPlan, ScenarioEvent } from "../scenario/scenario.ts";
import { VirtualTime } from "../time/virtual-time.ts";
import { type Received, SimulatedEndpoint } from "./simulated-endpoint.ts";

const QUIET: ScenarioEvent = {
  atMs: 0,
  untilMs: Infinity,
  endpoints: [0],
  latency: undefined,
  factor: 1,
  fail: undefined,
  hang: false,
  refuse: false,
  remove: false,
  add: false,
  registryStale: false,
};

class Heard implements Received {
  over = false;
  worker: SimulatedEndpoint | undefined = undefined;
  status = 0;
  behind: Received | undefined = undefined;
  served: Received["served"] = undefined;
  readonly #tell: (what: string) => void;

  constructor(tell: (what: string) => void) {
    this.#tell = tell;
  }

  due(): void {
    if (this.worker !== undefined) this.worker.done(this);
    else if (!this.over) this.#tell("refused");
  }

  answer(status: number): void {
    this.#tell(String(status));
  }
}

/** Sends one attempt every 4 ms to an endpoint that works 10 ms on each, and says what came when. */
function heard(plan: Partial<EndpointPlan>, event: Partial<ScenarioEvent> = {}, attempts = 3, cutAt = -1): string[] {
  const time = new VirtualTime();
  const lines: string[] = [];
  const events = [{ ...QUIET, ...event }];
  const full: EndpointPlan = {
    workers: Infinity,
    latency: { kind: "constant", ms: 10 },
    weight: 1,
    zone: undefined,
    priority: 0,
    ...plan,
  };
  const known = endpoint({ host: "10.0.0.0", port: 8_080 });
  const simulated = new SimulatedEndpoint(0, known, full, { time, random: seededRandom(1), events, reports: false });
  simulated.reconsider();
  for (let i = 0; i < attempts; i++) {
    const attempt = new Heard((what) => void lines.push(`${i}: ${what} at ${time.now}`));
    time.events.add(i * 4, { due: () => simulated.receive(attempt) });
    if (i === cutAt) time.events.add(i * 4 + 1, { due: () => void (attempt.over = true) });
  }
  while (time.events.size > 0) {
    time.now = time.events.nextMs;
    time.events.take().due();
  }
  return lines;
}

test("an unlimited endpoint works on all at once", () => {
  expect(heard({})).toEqual(["0: 200 at 10", "1: 200 at 14", "2: 200 at 18"]);
});

test("with one worker, the others wait in line", () => {
  expect(heard({ workers: 1 })).toEqual(["0: 200 at 10", "1: 200 at 20", "2: 200 at 30"]);
});

test("who is given up in line is passed over, and who is being worked on keeps the worker", () => {
  expect(heard({ workers: 1 }, {}, 3, 1)).toEqual(["0: 200 at 10", "2: 200 at 20"]);
  expect(heard({ workers: 1 }, {}, 3, 0)).toEqual(["1: 200 at 20", "2: 200 at 30"]);
});

test.each<{ event: Partial<ScenarioEvent>; lines: string[] }>([
  { event: { factor: 2 }, lines: ["0: 200 at 20"] },
  { event: { latency: { kind: "constant", ms: 1 } }, lines: ["0: 200 at 1"] },
  { event: { refuse: true }, lines: ["0: refused at 1"] },
  { event: { hang: true }, lines: [] },
  { event: { fail: { ratio: 1, status: 503, afterMs: 2 } }, lines: ["0: 503 at 2"] },
  { event: { fail: { ratio: 1, status: 500, afterMs: undefined } }, lines: ["0: 500 at 10"] },
  { event: { fail: { ratio: 1, status: 0, afterMs: 2 } }, lines: ["0: 0 at 2"] },
  { event: { fail: { ratio: 0, status: 503, afterMs: 2 } }, lines: ["0: 200 at 10"] },
  { event: { factor: 2, atMs: 5 }, lines: ["0: 200 at 10"] },
])("$event makes it $lines", ({ event, lines }) => {
  expect(heard({}, event, 1)).toEqual(lines);
});

test("an endpoint that reports counts who waits and who is worked on, and lets go of whoever has left", () => {
  const time = new VirtualTime();
  const plan: EndpointPlan = {
    workers: 1,
    latency: { kind: "constant", ms: 10 },
    weight: 1,
    zone: undefined,
    priority: 0,
  };
  const world = { time, random: seededRandom(1), events: [QUIET], reports: true };
  const simulated = new SimulatedEndpoint(0, endpoint({ host: "10.0.0.0", port: 8_080 }), plan, world);
  simulated.reconsider();
  const told: (readonly [inFlight: number | undefined, latencyMs: number | undefined])[] = [];
  const attempts = [0, 1, 2].map(() => {
    const attempt: Heard = new Heard(() => {
      const load = attempt.served?.load;
      told.push([load?.inFlight, load?.latencyMs(load.inFlight)]);
    });
    return attempt;
  });
  for (const attempt of attempts) simulated.receive(attempt);
  attempts[1]!.over = true; // while it waits
  while (time.events.size > 0) {
    time.now = time.events.nextMs;
    time.events.take().due();
  }
  // The first leaves two behind, one of which nobody waits for; the last leaves nobody, and 10 ms is what that takes.
  expect(told).toEqual([
    [1, 10],
    [0, 10],
  ]);
});

/**
 * What opossum does by itself, reproduced, and what it does inside a weft layer. Each pair stands in docs/opossum.md.
 */
import { once } from "node:events";
import { failure, meshEvents, OngoingCall, type Outcome, SUCCESS } from "@weft/core";
import { fakeTime } from "@weft/testkit";
import CircuitBreaker from "opossum";
import { afterEach, describe, expect, test, vi } from "vitest";
import { opossumBreaker, type OpossumLayer } from "./opossum-breaker.ts";
import type { OpossumSettings } from "./settings.ts";

const FAILURE = failure("server-error");

const circuits: { shutdown(): void }[] = [];
afterEach(() => {
  for (const circuit of circuits.splice(0)) circuit.shutdown();
  vi.useRealTimers();
});

describe("one late call", () => {
  test("opossum: aborts every call in flight, for they share one AbortController", async () => {
    const abortController = new AbortController();
    let aborted = 0;
    const circuit = raw(
      (late: boolean) =>
        new Promise((resolve) => {
          abortController.signal.addEventListener("abort", () => aborted++);
          if (!late) resolve("in time");
        }),
      { timeout: 5, abortController, errorThresholdPercentage: 100 },
    );
    const calls = [true, true, true, true, true].map((late) => circuit.fire(late).catch(() => {}));
    await once(circuit, "timeout");
    expect(aborted).toBe(5);
    await Promise.all(calls);
  });

  test("weft: touches no other call, and not even a timeout of the user's circuit acts on it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const abortController = new AbortController();
    const breaker = raw(async () => {}, { timeout: 5, abortController });
    const layer = adopted(breaker);
    const late = begin(layer);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(abortController.signal.aborted).toBe(false);
    expect(late.call.cutBy).toBeUndefined();
    late.end(SUCCESS);
    expect(breaker.stats).toMatchObject({ successes: 1, timeouts: 0, failures: 0 });
  });
});

describe("calls beyond the capacity", () => {
  test("opossum: count as failures and open the circuit of a service that never failed", async () => {
    const gate = Promise.withResolvers<void>();
    const circuit = raw(() => gate.promise, { capacity: 1 });
    const calls = Array.from({ length: 4 }, () => circuit.fire().catch(() => {}));
    expect(circuit.opened).toBe(true);
    expect(circuit.stats.failures).toBeGreaterThan(0);
    gate.resolve();
    await Promise.all(calls);
  });

  test("weft: there are none, even when the user's circuit has a capacity", () => {
    const breaker = raw(async () => {}, { capacity: 1 });
    const layer = adopted(breaker);
    const calls = Array.from({ length: 4 }, () => begin(layer));
    for (const { end } of calls) end(SUCCESS);
    expect(breaker.opened).toBe(false);
    expect(breaker.stats).toMatchObject({ successes: 4, failures: 0, semaphoreRejections: 0 });
  });
});

describe("a trial that never ends", () => {
  test("opossum: keeps the circuit half-open, and every call refused, for ever", async () => {
    const circuit = raw((answer: Promise<unknown>) => answer, { timeout: false, resetTimeout: 1 });
    await circuit.fire(Promise.reject(new Error("down"))).catch(() => {});
    await once(circuit, "halfOpen");
    void circuit.fire(new Promise(() => {}));
    for (let i = 0; i < 5; i++) {
      await expect(circuit.fire(Promise.resolve("well again"))).rejects.toMatchObject({ code: "EOPENBREAKER" });
    }
  });

  test("weft: is replaced by the next call once it has run for a cool-down's length", async () => {
    const time = fakeTime();
    const breaker = raw(async () => {}, { resetTimeout: 1 });
    const layer = adopted(breaker, time);
    begin(layer).end(FAILURE);
    await once(breaker, "halfOpen");
    begin(layer); // and never ends
    expect(begin(layer).refused()).toBe(true);
    await time.advance(1);
    begin(layer, time.nowMs()).end(SUCCESS);
    expect(breaker.closed).toBe(true);
  });
});

describe("the late success of a call from before the circuit opened", () => {
  test("opossum: closes the half-open circuit before the trial has run", async () => {
    const early = Promise.withResolvers<void>();
    const circuit = raw((fails: boolean) => (fails ? Promise.reject(new Error("down")) : early.promise), {
      resetTimeout: 1,
      errorThresholdPercentage: 10,
    });
    const first = circuit.fire(false);
    await circuit.fire(true).catch(() => {});
    await once(circuit, "halfOpen");
    early.resolve();
    await first;
    expect(circuit.closed).toBe(true);
  });

  test("weft: changes nothing", async () => {
    const breaker = raw(async () => {}, { resetTimeout: 1 });
    const layer = adopted(breaker);
    const early = begin(layer);
    begin(layer).end(FAILURE);
    await once(breaker, "halfOpen");
    early.end(SUCCESS);
    expect(breaker.halfOpen).toBe(true);
  });
});

describe("two breakers from one options object", () => {
  test("opossum: share the coalesce cache, so that one answers with the other's value", async () => {
    const options: object = { coalesce: true }; // the types of opossum 8 do not know it
    const [a, b] = [raw(async () => "a", options), raw(async () => "b", options)];
    expect(await a.fire()).toBe("a");
    expect(await b.fire()).toBe("a");
  });

  test("weft: share nothing, and the object stays as it was", async () => {
    const options: OpossumSettings = Object.freeze({ volumeThreshold: 1 });
    const [a, b] = [built(options), built(options)];
    begin(a).end(FAILURE);
    expect([a.breaker.state.kind, b.breaker.state.kind]).toEqual(["open", "closed"]);
  });

  test.each(["cache", "coalesce"])("weft: a circuit with %s is refused, for outcomes would be lost in it", (name) => {
    const breaker = raw(async () => {}, { [name]: true });
    expect(() => adopted(breaker)).toThrow(`breaker has the option ${name}`);
  });
});

describe("a health check", () => {
  test("opossum: outlives shutdown() and opens the dead circuit, which then is not shut down any more", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const circuit = raw(async () => {});
    circuit.healthCheck(() => Promise.reject(new Error("down")), 10);
    circuit.shutdown();
    expect(circuit.isShutdown).toBe(true);
    await vi.advanceTimersByTimeAsync(10);
    expect([circuit.isShutdown, circuit.opened]).toEqual([false, true]);
  });

  test("weft: does not bring a closed layer back", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const breaker = raw(async () => {});
    breaker.healthCheck(() => Promise.reject(new Error("down")), 10);
    const layer = adopted(breaker);
    layer.close();
    breaker.shutdown();
    await vi.advanceTimersByTimeAsync(10);
    await expect(begin(layer).response).rejects.toMatchObject({ code: "CLOSED" });
  });
});

describe("the work done for a failure", () => {
  test("opossum: sorts the latencies of every call in the window", async () => {
    const circuit = raw(async () => {});
    for (let i = 0; i < 100; i++) await circuit.fire();
    expect(circuit.stats.latencyTimes).toHaveLength(100);
    expect(circuit.stats.latencyMean).toBeGreaterThanOrEqual(0);
  });

  test("weft: adds up ten buckets, whatever the number of calls", () => {
    const layer = built({});
    for (let i = 0; i < 100; i++) begin(layer).end(SUCCESS);
    expect(layer.circuit.stats).toMatchObject({ successes: 100, latencyTimes: [], latencyMean: -1 });
  });
});

describe("a call that ends late or by the caller's will", () => {
  test("opossum: one timeout counts twice, and a filtered error counts as a success", async () => {
    const late = raw(() => new Promise(() => {}), { timeout: 1 });
    await late.fire().catch(() => {});
    expect(late.stats).toMatchObject({ fires: 1, timeouts: 1, failures: 1 });
    const filtered = raw(() => Promise.reject(new Error("aborted")), { errorFilter: () => true });
    await filtered.fire().catch(() => {});
    expect(filtered.stats).toMatchObject({ fires: 1, successes: 1, failures: 0 });
  });

  test("weft: a timeout is one failure, and what tells nothing counts for nothing", () => {
    const layer = built({ volumeThreshold: 10 });
    begin(layer).end(failure("timeout"));
    begin(layer).end({ kind: "ignored" });
    expect(layer.circuit.stats).toMatchObject({ fires: 1, timeouts: 0, failures: 1, successes: 0 });
  });
});

describe("calls that still run, and calls refused", () => {
  test("opossum: dilute the failures, so that a service that fails every call stays closed while it is slow", async () => {
    const gate = Promise.withResolvers<void>();
    const circuit = raw((fails: boolean) => (fails ? Promise.reject(new Error("down")) : gate.promise));
    const running = Array.from({ length: 10 }, () => circuit.fire(false));
    for (let i = 0; i < 10; i++) await circuit.fire(true).catch(() => {});
    expect(circuit.stats).toMatchObject({ fires: 20, failures: 10, successes: 0 });
    expect(circuit.closed).toBe(true);
    gate.resolve();
    await Promise.all(running);
  });

  test("weft: are no part of the ratio", () => {
    const layer = built({ volumeThreshold: 10 });
    for (let i = 0; i < 10; i++) begin(layer);
    for (let i = 0; i < 10; i++) begin(layer).end(FAILURE);
    expect(begin(layer).refused()).toBe(true);
    expect(layer.circuit.stats).toMatchObject({ fires: 10, failures: 10, rejects: 1 });
  });
});

describe("the first call of a quiet service", () => {
  test("opossum: opens the circuit when it fails, for no volume is asked for", async () => {
    const circuit = raw(() => Promise.reject(new Error("down")));
    await circuit.fire().catch(() => {});
    expect(circuit.opened).toBe(true);
  });

  test("weft: opens nothing before the twentieth", () => {
    const layer = built({});
    for (let i = 0; i < 19; i++) begin(layer).end(FAILURE);
    expect(layer.breaker.state.kind).toBe("closed");
    begin(layer).end(FAILURE);
    expect(layer.breaker.state.kind).toBe("open");
  });
});

describe("a fallback", () => {
  test("weft: reaches no caller, who gets the endpoint's own answer or CIRCUIT_OPEN", async () => {
    const breaker = raw(async () => {});
    breaker.fallback(() => "fallback");
    const layer = adopted(breaker);
    const failed = begin(layer);
    failed.end(FAILURE);
    expect(await failed.response).toBe("response");
    await expect(begin(layer).response).rejects.toMatchObject({ code: "CIRCUIT_OPEN" });
  });
});

/** A circuit of opossum alone, shut down after the test. */
function raw<Args extends unknown[]>(
  action: (...args: Args) => Promise<unknown>,
  options?: CircuitBreaker.Options<Args>,
): CircuitBreaker<Args, unknown> {
  const circuit = new CircuitBreaker(action, options);
  circuits.push(circuit);
  return circuit;
}

function built(settings: OpossumSettings): OpossumLayer<string, string> {
  return opossumBreaker("orders", settings, { clock: fakeTime(), events: meshEvents() });
}

function adopted(breaker: CircuitBreaker, clock = fakeTime()): OpossumLayer<string, string> {
  return opossumBreaker("orders", { breaker }, { clock, events: meshEvents() });
}

/** A call on its way through the layer, to be ended by the test. */
function begin(layer: OpossumLayer<string, string>, nowMs = 0) {
  const call = new OngoingCall(1, "orders", nowMs, true);
  let sent = false;
  const response = layer.wrap(async () => {
    sent = true;
    return "response";
  })("request", call);
  response.then(undefined, () => {});
  return { call, response, refused: () => !sent, end: (outcome: Outcome) => call.answered(outcome, nowMs) };
}

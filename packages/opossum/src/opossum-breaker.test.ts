import { DecisionLog, failure, meshEvents, OngoingCall, type Outcome, stack, SUCCESS } from "@weft/core";
import { eventJournal, fakeTime } from "@weft/testkit";
import CircuitBreaker from "opossum";
import { describe, expect, test } from "vitest";
import { opossumBreaker, type OpossumLayer } from "./opossum-breaker.ts";

const FAILURE = failure("server-error");

describe("an opossum breaker as a layer", () => {
  test("hands the response through and judges the call by its final answer", async () => {
    const { layer, call } = built();
    expect(await call(SUCCESS)).toBe("response");
    expect(layer.circuit.stats).toMatchObject({ fires: 1, successes: 1, failures: 0 });
  });

  test("refuses with CIRCUIT_OPEN and the service's name, without a fire of the circuit", async () => {
    const { layer, call } = built();
    await call(FAILURE);
    await expect(call(SUCCESS)).rejects.toMatchObject({ code: "CIRCUIT_OPEN", service: "orders", neverSent: true });
    expect(layer.circuit.stats).toMatchObject({ fires: 1, failures: 1, rejects: 1 });
  });

  test("reports breaker.changed, by a call's outcome and by hand", async () => {
    const { journal, call, circuit } = adopted();
    await call(FAILURE);
    circuit.close();
    expect(journal.lines()).toEqual([
      "orders: breaker went from closed to open: 1 of the last 1 calls failed",
      "orders: breaker went from open to closed: by hand",
    ]);
  });

  test("records a refusal for explain", async () => {
    const decisions = new DecisionLog();
    const { call } = built({ decisions });
    await call(FAILURE);
    await expect(call(SUCCESS)).rejects.toThrow();
    const refusals: number[] = [];
    decisions.refusal = (_atMs, number) => void refusals.push(number);
    await expect(call(SUCCESS)).rejects.toThrow();
    expect(refusals).toEqual([3]);
  });

  test("stands inside the deadline, where stack() checks it", () => {
    const { layer } = built();
    const deadline = { name: "deadline", wrap: layer.wrap };
    expect(() => stack([layer, deadline], async () => "response")).toThrow('must sit inside "deadline"');
  });

  test("does not count a call that told nothing", async () => {
    const { layer, call } = built();
    await call({ kind: "ignored" });
    expect(layer.circuit.stats).toMatchObject({ fires: 0 });
  });

  test("refuses with CLOSED after close, and leaves no listener on a user's circuit", async () => {
    const { layer, call, circuit } = adopted();
    const before = new CircuitBreaker(async () => {}).listenerCount("open");
    expect(circuit.listenerCount("open")).toBe(before + 1);
    layer.close();
    layer.close();
    expect(circuit.listenerCount("open")).toBe(before);
    expect(circuit.isShutdown).toBe(false);
    await expect(call(SUCCESS)).rejects.toMatchObject({ code: "CLOSED", service: "orders" });
  });

  test("refuses with CLOSED when the user shut the circuit down, and settles what was under way", async () => {
    const { layer, call, circuit } = adopted();
    const late = new OngoingCall(1, "orders", 0, true);
    await layer.wrap(async () => "response")("request", late);
    circuit.shutdown();
    late.answered(FAILURE, 0);
    await expect(call(SUCCESS)).rejects.toMatchObject({ code: "CLOSED" });
  });

  test("shuts down the circuit it built", () => {
    const { layer } = built();
    layer.close();
    expect(layer.circuit.isShutdown).toBe(true);
  });

  test("is not harmed by listeners on the circuit that throw", async () => {
    const circuit = new CircuitBreaker(async () => {});
    circuit.on("fire", mistake).on("success", mistake).on("reject", mistake).on("open", mistake);
    const all = ports();
    const journal = eventJournal(all.events);
    const layer = opossumBreaker<string, string>("orders", { breaker: circuit }, all);
    const call = caller(layer);
    expect(await call(SUCCESS)).toBe("response");
    circuit.off("fire", mistake); // it kept the outcome from being counted, as it would in opossum alone
    await call(FAILURE);
    await call(FAILURE); // 2 of 3: opossum opens above the threshold, not at it
    await expect(call(SUCCESS)).rejects.toMatchObject({ code: "CIRCUIT_OPEN" });
    expect(journal.of("breaker.changed")).toHaveLength(1);
  });
});

describe("options of an opossum breaker", () => {
  test("are refused all at once, each with its reason", () => {
    // The compiler refuses `timeout` and `retries` already; from JavaScript they come all the same.
    const options = { volumeThreshold: -1, resetTimeout: Number.NaN, timeout: 500, retries: 3 } as object;
    expect(() => opossumBreaker("orders", options, ports())).toThrow(
      "service orders: opossum breaker: volumeThreshold: -1 is not in 0..1000000000; " +
        "resetTimeout: NaN is not in 1..2147483647; timeout is not taken: one late call would abort all; " +
        "use timeout.attempt of the policy; retries is not taken: it is no option of this breaker",
    );
  });

  test.each<[what: string, options: () => unknown, says: string]>([
    ["a circuit itself", () => new CircuitBreaker(async () => {}), "is handed in as { breaker: circuit }"],
    ["null", () => null, "null is neither settings nor { breaker }"],
    ["a number", () => 7, "7 is neither settings nor { breaker }"],
  ])("are not %s, which is told how to do it", (_, options, says) => {
    expect(() => opossumBreaker("orders", options() as object, ports())).toThrow(says);
  });

  test("cannot stand beside a breaker", () => {
    const options = { breaker: new CircuitBreaker(async () => {}), volumeThreshold: 1 };
    expect(() => opossumBreaker("orders", options, ports())).toThrow("volumeThreshold beside breaker");
  });

  test("cannot be another thing than a circuit of opossum", () => {
    // Not a circuit, and so the cast is false on purpose: that is what is tested.
    const breaker = {} as CircuitBreaker;
    expect(() => opossumBreaker("orders", { breaker }, ports())).toThrow("breaker is no CircuitBreaker of opossum");
  });
});

function mistake(): never {
  throw new Error("a mistake");
}

function ports() {
  return { clock: fakeTime(), events: meshEvents() };
}

/** A layer that opens on the first failure, and the way to send a call with this outcome through it. */
function built(extra: { decisions?: DecisionLog } = {}) {
  const layer = opossumBreaker<string, string>("orders", { volumeThreshold: 1 }, { ...ports(), ...extra });
  return { layer, call: caller(layer) };
}

function adopted() {
  const circuit = new CircuitBreaker(() => expect.unreachable("the circuit's own action must not run"));
  const all = ports();
  const layer = opossumBreaker<string, string>("orders", { breaker: circuit }, all);
  return { layer, circuit, call: caller(layer), journal: eventJournal(all.events) };
}

function caller(layer: OpossumLayer<string, string>): (outcome: Outcome) => PromiseLike<string> {
  let number = 0;
  return (outcome) => {
    const call = new OngoingCall(++number, "orders", 0, true);
    const service = layer.wrap(async () => {
      call.answered(outcome, 0);
      return "response";
    });
    return service("request", call);
  };
}

import { fakeTime, seededRandom } from "@weft/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { AgentRefusal } from "./agent-api.ts";
import type { AgentApi } from "./agent-api.ts";
import { Reconciler } from "./reconciler.ts";
import { checkDescription, serviceDefinition } from "./service-definition.ts";
import type { ServiceCheck } from "./service-definition.ts";

/** An agent that writes down what it was asked, and fails each call named in `failing` with that error. */
class Agent implements AgentApi {
  readonly calls: string[] = [];
  readonly failing = new Map<string, Error>();
  #known = false;

  register(): Promise<void> {
    return this.#call("register", () => (this.#known = true));
  }

  report(checkId: string, status: string, note: string): Promise<void> {
    if (!this.#known) return Promise.reject(new AgentRefusal(404, `Unknown check ID "${checkId}"`));
    return this.#call(`${status}${note === "" ? "" : ` (${note})`}`);
  }

  maintenance(_id: string, enable: boolean): Promise<void> {
    return this.#call(`maintenance ${enable ? "on" : "off"}`);
  }

  deregister(): Promise<void> {
    return this.#call("deregister", () => this.forget());
  }

  changed(_id: string, hash: string, _waitMs: number, signal: AbortSignal): ReturnType<AgentApi["changed"]> {
    if (!this.#known) return Promise.resolve("gone");
    if (hash === "") return Promise.resolve({ hash: "h1" });
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    return promise;
  }

  forget(): void {
    this.#known = false;
  }

  #call(name: string, done: () => void = () => {}): Promise<void> {
    this.calls.push(name);
    const failure = this.failing.get(name.split(" ")[0] ?? "");
    if (failure !== undefined) return Promise.reject(failure);
    done();
    return Promise.resolve();
  }
}

function reconciled(check: ServiceCheck = { ttlMs: 15_000 }, prepare: (agent: Agent) => void = () => {}) {
  const agent = new Agent();
  prepare(agent);
  const time = fakeTime();
  const problems: string[] = [];
  const reconciler = new Reconciler(
    { name: "orders", id: "orders-1", port: 80, check },
    { api: agent, time, random: seededRandom(7), notice: (problem) => problems.push(problem) },
  );
  let closing: Promise<void> | undefined;
  const close = (drainMs: number): Promise<void> => (closing ??= reconciler.close(drainMs));
  onTestFinished(async () => {
    const closed = close(0);
    await time.advance(5_000);
    await closed;
  });
  return { agent, time, reconciler, problems, close };
}

describe("while all is well", () => {
  test("registers, clears maintenance that a predecessor left, and beats three times in each TTL", async () => {
    const { agent, time, reconciler } = reconciled();
    await reconciler.ready();
    expect(agent.calls).toEqual(["register", "maintenance off"]);
    await time.advance(15_000);
    expect(agent.calls.slice(2)).toEqual(["passing", "passing", "passing"]);
  });

  test("beats say what was reported last", async () => {
    const { agent, time, reconciler } = reconciled();
    await reconciler.ready();
    reconciler.report("warning", "queue is long");
    await time.advance(5_000);
    expect(agent.calls.at(-1)).toBe("warning (queue is long)");
  });

  test("a check that the agent makes has no beats", async () => {
    const { agent, time } = reconciled({ http: "http://127.0.0.1:80/healthz" });
    await time.advance(600_000);
    expect(agent.calls).toEqual(["register", "maintenance off"]);
  });
});

describe("when the agent fails", () => {
  test("a beat that meets no such check registers again, within a second", async () => {
    const { agent, time, reconciler } = reconciled();
    await reconciler.ready();
    agent.forget();
    await time.advance(6_000);
    expect(agent.calls.slice(2)).toEqual(["register"]);
    await time.advance(5_000);
    expect(agent.calls.at(-1)).toBe("passing");
  });

  test("Consul before 1.11 says the same with 500", async () => {
    const { agent, time, reconciler } = reconciled();
    await reconciler.ready();
    agent.failing.set("passing", new AgentRefusal(500, 'CheckID "service:orders-1" does not have associated TTL'));
    await time.advance(6_000);
    expect(agent.calls.filter((call) => call === "register")).toHaveLength(2);
  });

  test("an agent that is away is asked with pauses, told of once, and ready waits", async () => {
    const away = new Error("connect ECONNREFUSED");
    const { agent, time, reconciler, problems } = reconciled(undefined, (made) => made.failing.set("register", away));
    const reason = new Error("enough");
    const abort = new AbortController();
    const ready = reconciler.ready(abort.signal).catch((error: unknown) => error);
    await time.advance(600_000);
    expect(problems).toEqual(["not registered: connect ECONNREFUSED"]);
    expect(agent.calls.length).toBeLessThan(100);
    abort.abort(reason);
    expect(await ready).toBe(reason);
    await expect(reconciler.ready(AbortSignal.timeout(1))).rejects.toMatchObject({
      code: "NOT_READY",
      message:
        "service orders: registration of orders-1: not registered: connect ECONNREFUSED; see whether Consul runs there: it is asked again until closed",
    });
    agent.failing.clear();
    await time.advance(30_000);
    await reconciler.ready();
  });

  test("a beat that is not taken is told once, and the next one tries again", async () => {
    const { agent, time, problems } = reconciled();
    await time.advance(0);
    agent.failing.set("passing", new Error("timeout"));
    await time.advance(15_000);
    expect(problems).toEqual(["beat not taken: timeout"]);
    expect(agent.calls.filter((call) => call === "passing")).toHaveLength(3);
  });
});

describe("farewell", () => {
  test("maintenance, then the drain time, then deregistration, and no beat in between", async () => {
    const { agent, time, reconciler, close } = reconciled();
    await reconciler.ready();
    const closed = close(5_000);
    await time.advance(4_999);
    expect(agent.calls.slice(2)).toEqual(["maintenance on"]);
    await time.advance(1);
    await closed;
    expect(agent.calls.slice(2)).toEqual(["maintenance on", "deregister"]);
    expect(time.pending()).toBe(0);
  });

  test("an agent that is away delays it by a few tries and is told of", async () => {
    const { agent, time, reconciler, problems, close } = reconciled();
    await reconciler.ready();
    agent.failing.set("deregister", new Error("connect ECONNREFUSED"));
    const closed = close(0);
    await time.advance(1_000);
    await closed;
    expect(problems).toEqual(["deregistration of orders-1 failed: connect ECONNREFUSED"]);
  });

  test("closing before Consul took it rejects ready", async () => {
    const { time, reconciler, close } = reconciled(undefined, (agent) =>
      agent.failing.set("register", new Error("no")),
    );
    const ready = reconciler.ready().catch((error: unknown) => error);
    const closed = close(0);
    await time.advance(1_000);
    await closed;
    expect(await ready).toMatchObject({ code: "CLOSED", service: "orders" });
  });
});

test("the definition carries weights, which the npm package would drop", () => {
  const definition = serviceDefinition({
    name: "orders",
    port: 80,
    address: "10.0.0.1",
    weights: { passing: 10, warning: 1 },
    check: { tcp: "10.0.0.1:80" },
  });
  expect(definition).toEqual({
    Name: "orders",
    ID: "orders-10.0.0.1-80",
    Address: "10.0.0.1",
    Port: 80,
    Tags: [],
    Meta: {},
    Weights: { Passing: 10, Warning: 1 },
    Check: { TCP: "10.0.0.1:80", Interval: "5000ms", Timeout: "2000ms", DeregisterCriticalServiceAfter: "600000ms" },
  });
});

test("what Consul would refuse is refused here, all at once", () => {
  expect(() =>
    checkDescription({ name: "", port: 0, meta: { "a b": "x".repeat(513) }, check: { ttlMs: 1_000 } }),
  ).toThrow(
    'service : registration: name: it is empty; port: 0 is not in 1..65535; meta.a b: only letters, digits, "-" and "_" are allowed, at most 128; meta.a b: 513 characters are more than 512; check.ttlMs: 1000 is below 3000',
  );
});

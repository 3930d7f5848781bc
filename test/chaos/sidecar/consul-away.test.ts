import { checkPolicy } from "@weft/config";
import { startAgent } from "@weft/consul-dev";
import { meshEvents } from "@weft/core";
import { createSidecar } from "@weft/sidecar";
import { eventJournal, fakeEndpoint, type FakeEndpoint } from "@weft/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { realConsul } from "../../real/real-server.ts";
import { startRestartableConsul } from "../../real/restartable-consul.ts";
import { call, portOf } from "../../sidecar/rig.ts";
import { comesTrue, expectAtRest } from "./at-rest.ts";
import { heldOf } from "./held-of.ts";

interface Agent {
  readonly url: string;
  /** Ends without a farewell: connections are refused from now on. */
  kill(): Promise<void>;
  /** Starts again on the same port, with what an agent keeps on disk. */
  restart(): Promise<void>;
}

const real = realConsul();

describe.each([
  { name: "consul-dev", start: startDev, skip: undefined },
  { name: "real Consul", start: startReal, skip: real.kind === "missing" ? real.skip : undefined },
])("$name", ({ start, skip }) => {
  test.skipIf(skip !== undefined)(
    `that is killed fails no call: the last endpoints serve, /services says how old they are, and its return is noticed${skip === undefined ? "" : ` (${skip})`}`,
    async () => {
      const agent = await start();
      const [first, second] = [await endpoint("first"), await endpoint("second")];
      await register(agent.url, [first, second]);
      const events = meshEvents();
      const journal = eventJournal(events);
      const sidecar = await createSidecar({
        policy: checkPolicy(
          {
            version: 1,
            discovery: { consul: { url: agent.url } },
            services: { orders: { balancer: { kind: "round-robin" } } },
            sidecar: { outbound: { listen: "127.0.0.1:0" }, admin: { listen: "127.0.0.1:0" } },
          },
          { home: "sidecar" },
        ).policy,
        onEvent: (name, event) => events.emit(name, event),
      });
      onTestFinished(() => sidecar.close());
      await sidecar.ready;
      const port = portOf(sidecar, "outbound");
      const admin = (path: string) => call(portOf(sidecar, "admin"), path, { host: "localhost" });
      await journal.next("discovery.freshness", ({ to }) => to === "live");

      await agent.kill();
      const before = first.requests.length + second.requests.length;
      const stale = journal.next("discovery.freshness", ({ to }) => to === "stale");
      let told = false;
      void stale.then(() => (told = true));
      let calls = 0;
      for (; !told || calls < 100; calls++) expect((await call(port, "/")).status).toBe(200);
      expect(first.requests.length + second.requests.length - before).toBe(calls);
      const shown = JSON.parse((await admin("/services/orders")).body);
      expect(shown).toMatchObject({ discovery: { state: "stale", error: expect.stringMatching(/./) } });
      expect(shown.discovery.staleMs).toBeGreaterThan(0);
      expect(shown.endpoints).toHaveLength(2);
      expect((await admin("/ready")).status).toBe(200);

      await agent.restart();
      await journal.next("discovery.freshness", ({ to }) => to === "live");
      expect((await call(port, "/")).status).toBe(200);
      expect(JSON.parse((await admin("/services/orders")).body).discovery).toEqual({ state: "live", staleMs: 0 });
      await expectAtRest({ port, held: () => heldOf(admin) }, () => {
        for (const each of [first, second]) each.closeIdle();
      });
    },
  );
});

test("a Consul that was never there: /ready says what was heard in the place of an answer", async () => {
  const sidecar = await createSidecar({
    policy: checkPolicy(
      {
        version: 1,
        discovery: { consul: { url: "http://127.0.0.1:1" } },
        services: { orders: {} },
        sidecar: { outbound: { listen: "127.0.0.1:0" }, admin: { listen: "127.0.0.1:0" } },
      },
      { home: "sidecar" },
    ).policy,
  });
  onTestFinished(() => sidecar.close());
  const ready = () => call(portOf(sidecar, "admin"), "/ready", { host: "localhost" });
  const { status, body } = await comesTrue(ready, (answer) => answer.body.includes("ECONNREFUSED"));
  expect(status).toBe(503);
  expect(JSON.parse(body)).toEqual({
    ready: false,
    state: "starting",
    reasons: [
      "service orders: consul orders at http://127.0.0.1:1 has not answered yet: connect ECONNREFUSED 127.0.0.1:1",
    ],
  });
});

async function startDev(): Promise<Agent> {
  const agent = await startAgent();
  onTestFinished(() => agent.close());
  return { url: agent.url, kill: agent.faults.goAway, restart: agent.faults.comeBack };
}

async function startReal(): Promise<Agent> {
  if (real.kind === "missing") throw new Error(real.skip);
  const agent = await startRestartableConsul(real.binary);
  onTestFinished(agent.close);
  return agent;
}

async function endpoint(name: string): Promise<FakeEndpoint> {
  const made = await fakeEndpoint({ name });
  onTestFinished(() => made.close());
  return made;
}

async function register(url: string, endpoints: readonly FakeEndpoint[]): Promise<void> {
  for (const { name: ID, host: Address, port: Port } of endpoints) {
    const body = JSON.stringify({ Name: "orders", ID, Address, Port });
    expect((await fetch(`${url}/v1/agent/service/register`, { method: "PUT", body })).status).toBe(200);
  }
}

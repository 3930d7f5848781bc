import { type DevAgent, startAgent } from "@weft/consul-dev";
import type { Membership } from "@weft/core";
import { consulDiscovery, type ConsulWatch } from "@weft/discovery";
import { type FakeTime, fakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { until } from "./until.ts";

const status = (code: number, body: string) => ({ kind: "status", status: code, body }) as const;
const HEALTH = "/v1/health/";

test.for([
  { why: "a proxy's page", fault: { kind: "html" }, says: /not Consul's/ },
  { why: "half of the JSON", fault: { kind: "truncated" }, says: /not Consul's/ },
  { why: "a connection cut in the body", fault: { kind: "cut" }, says: /./ },
  { why: "nothing, from an agent without a leader", fault: { kind: "empty" }, says: /without a leader/ },
  { why: "500 No cluster leader", fault: status(500, "No cluster leader"), says: /500 No cluster leader/ },
  { why: "500 rpc error", fault: status(500, "rpc error making call: EOF"), says: /500 rpc error/ },
  { why: "429 rate limit", fault: status(429, "rate limit exceeded, try again later"), says: /429 rate limit/ },
  { why: "403 of a lagging follower", fault: status(403, "ACL not found"), says: /403 ACL not found/ },
] as const)("keeps the last good endpoints through $why, says so, and recovers", async ({ fault, says }) => {
  const { agent, watch } = await orders();
  const { version } = watch.membership;
  const seen = historyOf(watch);
  const stale = until(watch, ({ freshness }) => freshness.kind === "stale");
  agent.faults.use(fault, { path: HEALTH, times: 1 });
  agent.faults.resetIndex(); // the read that waits returns, and the next one is struck
  expect((await stale).freshness).toMatchObject({ error: expect.stringMatching(says) });
  await until(watch, ({ freshness }) => freshness.kind === "live");
  expect(new Set(seen().map(hostsOf))).toEqual(new Set(["10.0.0.1 10.0.0.2"]));
  expect(watch.membership.version).toBe(version);
});

test("believes no empty list while it is not confirmed, with a leader neither", async () => {
  const { agent, watch } = await orders();
  const seen = historyOf(watch);
  const held = expect.poll(() => watch.stats().answersHeld).toBe(1);
  agent.faults.use({ kind: "status", status: 200, body: "[]" }, { path: HEALTH, times: 1 });
  agent.faults.resetIndex();
  await held;
  agent.register({ Name: "orders", ID: "o3", Address: "10.0.0.3", Port: 80 });
  await until(watch, ({ endpoints }) => endpoints.length === 3);
  expect(Math.min(...seen().map(({ endpoints }) => endpoints.length))).toBe(2);
});

test("goes on after the index went back, and sees the next change at once", async () => {
  const { agent, watch } = await orders();
  agent.faults.resetIndex();
  await expect.poll(() => watch.stats().indexResets).toBe(1);
  await waits(agent);
  agent.register({ Name: "orders", ID: "o3", Address: "10.0.0.3", Port: 80 });
  await until(watch, ({ endpoints }) => endpoints.length === 3);
  expect(watch.membership.freshness.kind).toBe("live");
});

test("sees nothing from an agent that is frozen, and all of it when it thaws", async () => {
  const { agent, watch } = await orders();
  agent.faults.freeze(true);
  agent.deregister("o2");
  agent.register({ Name: "orders", ID: "o3", Address: "10.0.0.3", Port: 80 });
  expect(agent.waiting()).toBe(1);
  expect(hostsOf(watch.membership)).toBe("10.0.0.1 10.0.0.2");
  agent.faults.freeze(false);
  await until(watch, (now) => hostsOf(now) === "10.0.0.1 10.0.0.3");
});

test("gives up a read that is never answered when its time is over, and asks again", async () => {
  const time = fakeTime();
  const { agent, watch } = await orders(time);
  const lift = agent.faults.use({ kind: "hang" }, { path: HEALTH });
  agent.faults.resetIndex();
  await expect.poll(() => watch.stats().indexResets).toBe(1);
  await time.advance(500); // the next read has to wait for its turn
  await expect.poll(() => watch.stats().requests).toBe(3);
  const stale = until(watch, ({ freshness }) => freshness.kind === "stale");
  await time.advance(12_000);
  expect(hostsOf(await stale)).toBe("10.0.0.1 10.0.0.2");
  lift();
  const live = until(watch, ({ freshness }) => freshness.kind === "live");
  await time.advance(500);
  await live;
});

test("ends while a read hangs, and while one is slow", async () => {
  for (const fault of [{ kind: "hang" }, { kind: "slow", ms: 600_000 }] as const) {
    const { agent, watch, discovery } = await orders();
    agent.faults.use(fault, { path: HEALTH });
    agent.faults.resetIndex();
    await expect.poll(() => watch.stats().requests).toBe(3);
    await discovery.close();
    await agent.close();
    expect(agent.waiting()).toBe(0);
  }
});

/** Two endpoints of orders, and a watch that has seen them and waits for news. */
async function orders(time?: FakeTime) {
  const agent = await startAgent();
  onTestFinished(() => agent.close());
  for (const id of ["o1", "o2"]) agent.register({ Name: "orders", ID: id, Address: `10.0.0.${id.at(1)}`, Port: 80 });
  const discovery = consulDiscovery({ url: agent.url, ...(time ? { time } : {}) });
  onTestFinished(() => discovery.close());
  const watch = discovery.watch("orders");
  await watch.ready();
  await waits(agent);
  return { agent, discovery, watch };
}

function waits(agent: DevAgent): Promise<void> {
  return expect.poll(() => agent.waiting()).toBe(1);
}

function historyOf(watch: ConsulWatch): () => readonly Membership[] {
  const seen = [watch.membership];
  watch.subscribe((now) => seen.push(now));
  return () => seen;
}

function hostsOf({ endpoints }: Membership): string {
  return endpoints
    .map(({ host }) => host)
    .toSorted()
    .join(" ");
}

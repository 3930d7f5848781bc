import { once } from "node:events";
import { type DevAgent, startAgent } from "@weft/consul-dev";
import { meshEvents, type Watch } from "@weft/core";
import { systemTime } from "@weft/discovery";
import { seededRandom } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConsulSources } from "./consul-sources.ts";

let agent: DevAgent;
beforeAll(async () => {
  agent = await startAgent({ port: 0 });
  await Promise.all([
    register({ Name: "orders", ID: "orders-1", Address: "10.0.0.1", Port: 1, Tags: ["v1"] }),
    register({ Name: "orders", ID: "orders-2", Address: "10.0.0.2", Port: 2, Tags: ["v2"] }),
    register({ Name: "web", ID: "web-1", Address: "10.0.0.3", Port: 3, Tags: ["v2"] }),
  ]);
});
afterAll(() => agent.close());

async function register(service: object): Promise<void> {
  const body = JSON.stringify(service);
  const { ok } = await fetch(`${agent.url}/v1/agent/service/register`, { method: "PUT", body });
  expect(ok).toBe(true);
}

function sources(): ConsulSources {
  return new ConsulSources({ time: systemTime, random: seededRandom(7), events: meshEvents(), snapshotDir: undefined });
}

async function ports(watch: Watch): Promise<number[]> {
  const { endpoints } = await watch.ready(AbortSignal.timeout(10_000));
  return endpoints.map(({ port }) => port).toSorted();
}

describe("watches on Consul", () => {
  test("are asked for by what each service's policy says, also of those that come later", async () => {
    const agents = sources();
    const settings = { url: agent.url };
    const orders = agents.watch("orders", { kind: "consul", service: "orders", tag: "v1" }, settings);
    expect(await ports(orders)).toEqual([1]);
    const later = agents.watch("shop", { kind: "consul", service: "web", tag: "v2" }, settings);
    expect(await ports(later)).toEqual([3]);
    await agents.close();
    await expect(orders.ready(AbortSignal.timeout(10_000))).rejects.toThrow("closed");
  });

  test("of another question begin anew at once, while those on the old one go on", async () => {
    const agents = sources();
    const settings = { url: agent.url };
    const old = agents.watch("orders", { kind: "consul", service: "orders", tag: "v1" }, settings);
    const web = agents.watch("web", { kind: "consul", service: "web" }, settings);
    expect(await ports(old)).toEqual([1]);
    old.close();
    // Discovery keeps a watch that was closed for a while: it must not be the one that is found here.
    const changed = agents.watch("orders", { kind: "consul", service: "orders", tag: "v2" }, settings);
    expect(await ports(changed)).toEqual([2]);
    expect(await ports(web)).toEqual([3]);
    web.close(); // the last one on the old source, which ends with it
    expect(await ports(changed)).toEqual([2]);
    await agents.close();
  });

  test("go to the agent of the policy in force", async () => {
    const agents = sources();
    const nowhere = agents.watch("orders", { kind: "consul", service: "orders" }, { url: "http://127.0.0.1:1" });
    expect(nowhere.membership.freshness.kind).toBe("pending");
    const there = agents.watch("orders", { kind: "consul", service: "orders" }, { url: agent.url });
    expect(await ports(there)).toEqual([1, 2]);
    nowhere.close();
    await agents.close();
  });

  test("whose token file cannot be read go on, and a process warning says so", async () => {
    const warned = once(process, "warning");
    const agents = sources();
    const settings = { url: agent.url, token: { file: "/nowhere/token" } };
    const watch = agents.watch("orders", { kind: "consul", service: "orders", tag: "v1" }, settings);
    expect(await ports(watch)).toEqual([1]);
    expect(await warned).toMatchObject([
      {
        name: "WeftDiscoveryWarning",
        message: expect.stringMatching(/^discovery\.consul: token file \/nowhere\/token: .*ENOENT/),
      },
    ]);
    await agents.close();
  });

  test("are refused while the token's variable is missing, and nothing is kept of it", async () => {
    const agents = sources();
    const settings = { url: agent.url, token: { env: "WEFT_TEST_NO_SUCH_TOKEN" } };
    const watch = (): Watch => agents.watch("orders", { kind: "consul", service: "orders" }, settings);
    expect(watch).toThrow("WEFT_TEST_NO_SUCH_TOKEN is missing or empty");
    await agents.close();
  });
});

import { expect } from "vitest";
import { type Api, eachAgent } from "./each-agent.ts";

/** A name that no agent has heard before. */
let names = 0;
const unheard = (name: string): string => `${name}-${++names}`;

eachAgent("a blocking read", ({ ask, put, health, settled }, test) => {
  const register = (body: object) => put("/agent/service/register", body);
  /** A service whose check was said to be fine. */
  async function passing(name: string): Promise<object> {
    const service = { Name: name, Tags: ["old"], Check: { TTL: "1h" } };
    await register(service);
    await put(`/agent/check/pass/service:${name}?note=fine`);
    await settled(name, (all) => all[0]?.Checks[1]?.Status === "passing");
    return service;
  }
  const waiting = (path: string) => waitingRead(ask, path);

  test("wakes with the change once the servers know it, not when its time is over", async () => {
    const quick = unheard("quick");
    await register({ Name: quick, Check: { TTL: "1h" } });
    await settled(quick, (all) => all[0]?.Checks.length === 2);
    const { woken } = await waiting(`/health/service/${quick}`);
    const change = put("/catalog/register", { Node: "elsewhere", Address: "10.0.0.9", Service: { Service: quick } });
    await change; // a write to the catalog is known when it is answered, unlike one to the agent
    const startMs = performance.now();
    expect(JSON.parse((await woken).text)).toHaveLength(2);
    expect(performance.now() - startMs).toBeLessThan(5_000); // measured 1 ms; it would wait for 15 s
  });

  // In both: a read that had been woken too early would not know of the change that comes last.
  test("about checks is not woken by a report that says the same, nor by one of another output", async () => {
    await passing("calm");
    const paths = ["/health/service/calm", "/health/checks/calm", "/health/node/dev", "/health/state/any"];
    const asleep = await Promise.all(paths.map(waiting));
    await put("/agent/check/pass/service:calm?note=fine");
    await put("/agent/check/pass/service:calm?note=more");
    await put("/agent/check/fail/service:calm");
    for (const { woken } of asleep) expect((await woken).text).toContain('"critical"');
  });

  test("about a service is not woken by a registration that says the same", async () => {
    const service = await passing("still");
    const [whole, names] = [await waiting("/health/service/still"), await waiting("/catalog/services")];
    await register(service);
    await put("/agent/check/fail/service:still");
    expect((await whole.woken).text).toContain('"critical"');
    await register({ ...service, Tags: ["new"] });
    expect((await names.woken).text).toContain('"new"');
  });

  test("about a service that is gone stays at the index of its end, and wakes when it comes back", async () => {
    await register({ Name: "brief" });
    await settled("brief", (all) => all.length === 1);
    await put("/agent/service/deregister/brief");
    const end = await settled("brief", (all) => all.length === 0);
    const { from, woken } = await waiting("/health/service/brief");
    expect(from).toBe(end.index);
    await register({ Name: "another" });
    await settled("another", (all) => all.length === 1);
    expect((await health("brief")).index).toBe(end.index);
    await register({ Name: "brief" });
    const { at, text } = await woken;
    expect([at > end.index, JSON.parse(text)]).toEqual([true, [expect.anything()]]);
  });

  test("by hash ends with 404 when the service goes", async () => {
    await register({ Name: "hashed" });
    const { ContentHash } = JSON.parse((await ask("GET", "/agent/service/hashed")).text);
    const blocked = ask("GET", `/agent/service/hashed?hash=${ContentHash}&wait=15s`);
    await put("/agent/service/deregister/hashed");
    expect(await blocked).toMatchObject({ status: 404, text: "unknown service ID: hashed" });
  });
});

// With an agent of its own: it holds only while no service has ever ceased to exist.
eachAgent("a blocking read where nothing has ended", ({ ask, put }, test) => {
  test("about a service never seen wakes when any other is registered", async () => {
    const { from, woken } = await waitingRead(ask, "/health/service/never");
    await put("/agent/service/register", { Name: unheard("neighbour") });
    const { at, text } = await woken;
    expect([at > from, text]).toEqual([true, "[]"]);
  });
});

/** A read that waits from where things stand now, for longer than any test. */
async function waitingRead(
  ask: Api["ask"],
  path: string,
): Promise<{ readonly from: number; readonly woken: Promise<{ at: number; text: string }> }> {
  const from = indexOf(await ask("GET", path));
  const read = ask("GET", `${path}?index=${from}&wait=15s`);
  return { from, woken: read.then((answer) => ({ at: indexOf(answer), text: answer.text })) };
}

function indexOf({ headers }: { readonly headers: Headers }): number {
  return Number(headers.get("x-consul-index"));
}

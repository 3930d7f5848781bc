import { expect } from "vitest";
import { eachAgent } from "./each-agent.ts";

// In order: the first claim holds only while no service has ever ceased to exist.
eachAgent("a blocking read", ({ ask, put, health, settled }, test) => {
  const register = (body: object) => put("/agent/service/register", body);
  /** A read that waits from where things stand now, for longer than any test. */
  async function waiting(
    path: string,
  ): Promise<{ readonly from: number; readonly woken: Promise<{ at: number; text: string }> }> {
    const from = indexOf(await ask("GET", path));
    const read = ask("GET", `${path}?index=${from}&wait=15s`);
    return { from, woken: read.then((answer) => ({ at: indexOf(answer), text: answer.text })) };
  }

  test("about a service never seen wakes when any other is registered", async () => {
    const { from, woken } = await waiting("/health/service/never");
    await register({ Name: "neighbour" });
    const { at, text } = await woken;
    expect([at > from, text]).toEqual([true, "[]"]);
  });

  test("wakes within 100 ms of the change once the servers know it", async () => {
    await register({ Name: "quick", Check: { TTL: "1h" } });
    await settled("quick", (all) => all[0]?.Checks.length === 2);
    const { woken } = await waiting("/health/service/quick");
    const change = put("/catalog/register", { Node: "elsewhere", Address: "10.0.0.9", Service: { Service: "quick" } });
    await change; // a write to the catalog is known when it is answered, unlike one to the agent
    const startMs = performance.now();
    expect(JSON.parse((await woken).text)).toHaveLength(2);
    expect(performance.now() - startMs).toBeLessThan(100);
  });

  test("is not woken by a report, an output or a registration that changes nothing", async () => {
    const service = { Name: "still", Tags: ["old"], Check: { TTL: "1h" } };
    await register(service);
    await put("/agent/check/pass/service:still?note=fine");
    await settled("still", (all) => all[0]?.Checks[1]?.Status === "passing");
    const [whole, checks, node, any, catalog, names] = await Promise.all(
      [
        "/health/service/still",
        "/health/checks/still",
        "/health/node/dev",
        "/health/state/any",
        "/catalog/service/still",
        "/catalog/services",
      ].map(waiting),
    );
    await put("/agent/check/pass/service:still?note=fine");
    await register(service);
    await put("/agent/check/pass/service:still?note=more");
    // A read that had been woken by any of these would not know of what comes now.
    await put("/agent/check/fail/service:still");
    for (const read of [whole, checks, node, any]) expect((await read?.woken)?.text).toContain('"critical"');
    expect((await catalog?.woken)?.at).toBe((await whole?.woken)?.at);
    await register({ ...service, Tags: ["new"] });
    expect((await names?.woken)?.text).toContain('"new"');
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

function indexOf({ headers }: { readonly headers: Headers }): number {
  return Number(headers.get("x-consul-index"));
}

import { expect } from "vitest";
import { eachAgent } from "./each-agent.ts";

eachAgent("a sidecar service", ({ ask, put, health, settled }, test) => {
  const register = (body: object) => put("/agent/service/register", body);
  const read = async (path: string) => JSON.parse((await ask("GET", path)).text);

  test("is written out from its service, keeps its port, and goes with it", async () => {
    const Upstreams = [{ DestinationName: "db", LocalBindPort: 9191 }];
    const Connect = { SidecarService: { Proxy: { Upstreams } } };
    const app = { Name: "app", ID: "app1", Port: 8080, Tags: ["v1"], Meta: { a: "b" }, Address: "10.0.0.5", Connect };
    expect(await register(app)).toMatchObject({ status: 200, text: "" });
    await settled("app-sidecar-proxy", (all) => all[0]?.Checks.length === 3);
    const { entries } = await health("app-sidecar-proxy");
    const Proxy = { DestinationServiceName: "app", DestinationServiceID: "app1", LocalServicePort: 8080, Upstreams };
    const Service = {
      Kind: "connect-proxy",
      ID: "app1-sidecar-proxy",
      Port: 21_000,
      Tags: ["v1"],
      Meta: { a: "b" },
      Proxy,
    };
    expect(entries).toMatchObject([{ Service }]);
    expect(entries[0]?.Checks.slice(1)).toMatchObject([
      { CheckID: "service:app1-sidecar-proxy:1", Name: "Connect Sidecar Listening", Type: "tcp" },
      {
        CheckID: "service:app1-sidecar-proxy:2",
        Name: "Connect Sidecar Aliasing app1",
        Type: "alias",
      },
    ]);
    expect((await health("app")).entries[0]?.Service).toMatchObject({ ID: "app1", Connect: {} });
    await register(app);
    await register({ Name: "app", ID: "app2", Connect: { SidecarService: {} } });
    expect(await read("/agent/services")).toMatchObject({
      "app1-sidecar-proxy": { Port: 21_000 },
      "app2-sidecar-proxy": { Port: 21_001 },
    });
    await put("/agent/service/deregister/app1");
    expect(Object.keys(await read("/agent/services")).toSorted()).toEqual(["app2", "app2-sidecar-proxy"]);
  });

  test("may have a name, a port and checks of its own, but no id and no sidecar", async () => {
    const own = { Port: 7000, Name: "own", Check: { TTL: "1h" } };
    await register({ Name: "other", Connect: { SidecarService: own } });
    expect(await read("/agent/service/other-sidecar-proxy")).toMatchObject({ Service: "own", Port: 7000 });
    expect(await register({ Name: "bad", Connect: { SidecarService: { ID: "x" } } })).toMatchObject({
      status: 400,
      text: expect.stringContaining("A SidecarService cannot specify an ID as this is managed by the agent"),
    });
    const nested = { Connect: { SidecarService: {} } };
    expect(await register({ Name: "bad", Connect: { SidecarService: nested } })).toMatchObject({
      status: 400,
      text: expect.stringContaining("A SidecarService cannot have a nested SidecarService"),
    });
    expect(await read("/agent/services")).not.toHaveProperty("bad");
  });
});

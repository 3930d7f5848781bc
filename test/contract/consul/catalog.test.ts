import { expect } from "vitest";
import { eachAgent } from "./each-agent.ts";

eachAgent("the catalog", ({ ask, put, health }, test) => {
  const far = { Node: "far", Address: "10.9.9.9" };
  const Service = { Service: "db", ID: "db1", Port: 5432, Tags: ["primary"], Meta: { v: "9" } };
  const Check = { Node: "far", CheckID: "ping", Name: "Ping", Status: "warning", ServiceID: "db1", Output: "slow" };
  const read = async (path: string) => JSON.parse((await ask("GET", path)).text);

  test("takes a node without an agent, its service and its check", async () => {
    expect(await put("/catalog/register", { ...far, NodeMeta: { zone: "z1" }, Service, Check })).toMatchObject({
      status: 200,
      text: "true",
    });
    const { entries } = await health("db");
    expect(entries).toMatchObject([
      { Node: { ...far, Meta: { zone: "z1" } }, Service, Checks: [{ ...Check, ServiceName: "db" }] },
    ]);
    expect(await read("/catalog/nodes?node-meta=zone:z1")).toMatchObject([far]);
    expect(await read("/catalog/service/db")).toMatchObject([
      {
        ...far,
        NodeMeta: { zone: "z1" },
        ServiceID: "db1",
        ServicePort: 5432,
        ServiceTags: ["primary"],
        ServiceMeta: { v: "9" },
      },
    ]);
    expect(await read("/catalog/services")).toMatchObject({ db: ["primary"] });
    expect(await read("/catalog/node/far")).toMatchObject({ Node: far, Services: { db1: Service } });
    expect(await read("/health/node/far")).toMatchObject([Check]);
  });

  test("is not changed by a registration that says the same", async () => {
    const { index } = await health("db");
    await put("/catalog/register", { ...far, NodeMeta: { zone: "z1" }, Service, Check });
    expect((await health("db")).index).toBe(index);
  });

  test("forgets a check, a service and a node, each alone", async () => {
    await put("/catalog/deregister", { Node: "far", CheckID: "ping" });
    expect((await health("db")).entries).toMatchObject([{ Checks: [] }]);
    await put("/catalog/deregister", { Node: "far", ServiceID: "db1" });
    expect((await health("db")).entries).toEqual([]);
    expect(await read("/catalog/node/far")).toMatchObject({ Node: far, Services: {} });
    await put("/catalog/deregister", { Node: "far" });
    expect(await read("/catalog/node/far")).toBeNull();
    expect(await put("/catalog/deregister", { Node: "never", ServiceID: "never" })).toMatchObject({
      status: 200,
      text: "true",
    });
  });

  test.for([
    ["/catalog/register", { Address: "10.0.0.1" }, 500, "Must provide node"],
    ["/catalog/deregister", {}, 500, "Must provide node"],
    [
      "/catalog/register",
      "nonsense",
      400,
      "Request decode failed: invalid character 'o' in literal null (expecting 'u')",
    ],
  ] as const)("refuses at %s %j with %i", async ([path, body, status]) => {
    expect((await put(path, body)).status).toBe(status);
  });
});

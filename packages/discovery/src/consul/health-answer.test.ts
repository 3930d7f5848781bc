import { describe, expect, test } from "vitest";
import { readHealthAnswer } from "./health-answer.ts";

const near = { wan: false };
const node = { ID: "9c", Node: "web-1", Address: "10.0.0.1", TaggedAddresses: { wan: "203.0.113.1" }, Meta: null };

function read(service: Record<string, unknown>, checks: unknown = [], rules = near) {
  return readHealthAnswer(
    [{ Node: node, Service: { ID: "orders-1", Service: "orders", ...service }, Checks: checks }],
    rules,
  );
}

test("reads address, port, weight, labels and locality", () => {
  const { endpoints } = read({
    Address: "10.0.0.9",
    Port: 8080,
    Tags: ["v2"],
    Meta: { version: "2" },
    Weights: { Passing: 10, Warning: 1 },
    Locality: { Region: "eu", Zone: "eu-1" },
  });
  expect(endpoints).toEqual([
    {
      id: "web-1/orders-1",
      host: "10.0.0.9",
      port: 8080,
      weight: 10,
      state: "passing",
      locality: { region: "eu", zone: "eu-1" },
      meta: { version: "2" },
      tags: ["v2"],
    },
  ]);
});

test("takes zone and region from the node's metadata where nothing else says them", () => {
  const entry = (service: object, node: object = {}) => [
    {
      Node: { Node: "n", Address: "10.0.0.1", Meta: { zone: "a", region: "eu" }, ...node },
      Service: { ID: "o", Service: "orders", Port: 80, ...service },
    },
  ];
  const locality = (json: unknown) => readHealthAnswer(json, near).endpoints[0]?.locality;
  expect(locality(entry({}))).toEqual({ region: "eu", zone: "a" });
  expect(locality(entry({}, { Locality: { Zone: "b" } }))).toEqual({ zone: "b" });
  expect(locality(entry({ Locality: { Zone: "c" } }))).toEqual({ zone: "c" });
  expect(locality(entry({ Meta: { zone: "d" } }))).toBeUndefined(); // it is read from the labels
  expect(locality(entry({}, { Meta: { rack: "7" } }))).toBeUndefined();
});

describe("where to dial", () => {
  test.each([
    { service: { Address: "", Port: 80 }, host: "10.0.0.1", port: 80, why: "no address means the node's" },
    { service: { Address: "orders.internal", Port: 80 }, host: "orders.internal", port: 80, why: "a name is dialled" },
    { service: { Address: "[2001:db8::1]", Port: 80 }, host: "2001:db8::1", port: 80, why: "brackets are a URL's" },
    {
      service: {
        Ports: [
          { Name: "a", Port: 1 },
          { Name: "b", Port: 2, Default: true },
        ],
      },
      host: "10.0.0.1",
      port: 2,
      why: "1.22 may give only Ports",
    },
  ])("$host:$port, as $why", ({ service, host, port }) => {
    expect(read(service).endpoints[0]).toMatchObject({ host, port });
  });

  test("takes the wide-area address for another datacenter, of the service before that of the node", () => {
    const wan = { wan: true };
    const tagged = { TaggedAddresses: { wan: { Address: "198.51.100.7", Port: 9000 } } };
    expect(read({ Address: "10.0.0.9", Port: 80, ...tagged }, [], wan).endpoints[0]).toMatchObject({
      host: "198.51.100.7",
      port: 9000,
    });
    expect(read({ Address: "", Port: 80 }, [], wan).endpoints[0]).toMatchObject({ host: "203.0.113.1", port: 80 });
    expect(read({ Address: "10.0.0.9", Port: 80 }, [], wan).endpoints[0]).toMatchObject({ host: "10.0.0.9" });
  });
});

describe("health", () => {
  const passing = { CheckID: "service:orders-1", Status: "passing" };
  const warning = { CheckID: "service:orders-1", Status: "warning" };
  const critical = { CheckID: "service:orders-1", Status: "critical" };
  const maintenance = { CheckID: "_service_maintenance:orders-1", Status: "critical" };
  const nodeMaintenance = { CheckID: "_node_maintenance", Status: "critical" };
  test.each([
    { checks: [passing], state: "passing", weight: 10 },
    { checks: [], state: "passing", weight: 10 },
    { checks: null, state: "passing", weight: 10 },
    { checks: [passing, warning], state: "passing", weight: 2 },
    { checks: [warning, critical], state: "failing", weight: 10 },
    { checks: [maintenance], state: "draining", weight: 10 },
    { checks: [critical, nodeMaintenance], state: "draining", weight: 10 },
  ])("$checks makes it $state with weight $weight", ({ checks, state, weight }) => {
    const [found] = read({ Port: 80, Weights: { Passing: 10, Warning: 2 } }, checks).endpoints;
    expect(found).toMatchObject({ state, weight });
  });

  test("a warning weight of 0 takes the endpoint out, and weights are capped at 128", () => {
    expect(read({ Port: 80, Weights: { Passing: 10, Warning: 0 } }, [warning]).endpoints[0]).toMatchObject({
      state: "failing",
      weight: 1,
    });
    expect(read({ Port: 80, Weights: { Passing: 65_535, Warning: 1 } }).endpoints[0]).toMatchObject({ weight: 128 });
    expect(read({ Port: 80, Weights: null }).endpoints[0]).toMatchObject({ weight: 1 });
  });
});

describe("what cannot be used", () => {
  test.each([
    { service: { Port: 0 }, says: "web-1/orders-1 left out: port 0 cannot be dialled" },
    { service: {}, says: "web-1/orders-1 left out: port 0 cannot be dialled" },
    { service: { Port: 70_000 }, says: "web-1/orders-1 left out: endpoint 10.0.0.1: port 70000 is not in 1..65535" },
    { service: { Port: "80" }, says: 'web-1/orders-1 left out: port "80" cannot be dialled' },
  ])("names an instance that cannot be dialled: $service", ({ service, says }) => {
    expect(read(service)).toEqual({ endpoints: [], leftOut: [says] });
  });

  test("names an instance without any address", () => {
    expect(readHealthAnswer([{ Service: { ID: "x", Port: 80 } }], near).leftOut).toEqual([
      "node?/x left out: it has no address",
    ]);
  });

  test.each([{ json: { error: 1 } }, { json: "page" }, { json: null }, { json: [1] }, { json: [{}] }, { json: [[]] }])(
    "refuses the whole answer $json",
    ({ json }) => {
      expect(() => readHealthAnswer(json, near)).toThrow(/not a/);
    },
  );

  test("a label named like an object's prototype is a label", () => {
    const [found] = read({ Port: 80, Meta: JSON.parse('{"__proto__":"x"}') }).endpoints;
    expect(Object.entries(found?.meta ?? {})).toEqual([["__proto__", "x"]]);
  });
});

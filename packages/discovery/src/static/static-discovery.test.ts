import { expect, test } from "vitest";
import { describeDiscovery } from "../discovery.suite.ts";
import { staticDiscovery } from "./static-discovery.ts";

describeDiscovery(
  "static",
  (hosts) => ({ discovery: staticDiscovery({ orders: hosts.map((host) => `${host}:80`) }) }),
  {
    fixed: true,
  },
);

test("reads addresses, names and fields", async () => {
  const discovery = staticDiscovery({
    orders: ["10.0.0.1:80", "[::1]:8080", "db.local:5432", { host: "10.0.0.2", port: 81, weight: 3, id: "two" }],
  });
  const { endpoints } = await discovery.watch("orders").ready();
  expect(endpoints.map(({ id, host, port, weight }) => ({ id, host, port, weight }))).toEqual([
    { id: "10.0.0.1:80", host: "10.0.0.1", port: 80, weight: 1 },
    { id: "[::1]:8080", host: "::1", port: 8080, weight: 1 },
    { id: "db.local:5432", host: "db.local", port: 5432, weight: 1 },
    { id: "two", host: "10.0.0.2", port: 81, weight: 3 },
  ]);
});

test("lists every mistake at once, with its place", () => {
  const make = (): unknown =>
    staticDiscovery({
      orders: ["10.0.0.1", "10.0.0.1:0", "10.0.0.1:70000", "http://a:80", "a:80", "a:80"],
      users: [
        { host: "", port: 80 },
        { host: "a", port: 80, weight: 0 },
      ],
    });
  expect(make).toThrow(expect.objectContaining({ code: "BAD_CONFIG" }));
  expect(make).toThrow(
    [
      'static endpoints: orders[0]: "10.0.0.1" is not "host:port" (IPv6: "[::1]:80")',
      "orders[1]: endpoint 10.0.0.1: port 0 is not in 1..65535",
      "orders[2]: endpoint 10.0.0.1: port 70000 is not in 1..65535",
      'orders[3]: "http://a:80" is not "host:port" (IPv6: "[::1]:80")',
      "orders[5]: a:80 is listed twice",
      "users[0]: endpoint with port 80: the host is empty",
      "users[1]: endpoint a:80: weight 0 is not a finite number > 0",
    ].join("; "),
  );
});

test("a service that is not listed has no endpoints, whatever its name", async () => {
  const discovery = staticDiscovery({});
  for (const service of ["users", "constructor", "__proto__"]) {
    expect((await discovery.watch(service).ready()).endpoints).toEqual([]);
  }
});

import { expect, test } from "vitest";
import { destinations, targetHost } from "./destinations.ts";

test.each([
  ["localhost", "127.0.0.1", "127.8.9.10", "::1"],
  ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.7.7", "100.64.0.1", "fd00::7", "fc12::1"],
  ["orders", "orders.mesh", "orders.service.consul", "orders.default.svc", "orders.default.svc.cluster.local"],
  ["db.internal", "printer.home.arpa", "nas.lan", "app.localhost"],
])("a trace is carried to %s and others that are nobody else's", (...hosts) => {
  for (const host of hosts) expect([host, destinations("")(host)]).toEqual([host, true]);
});

test.each([
  ["api.example.com", "example.com", "mesh.example.com", "localhost.example.com"],
  ["8.8.8.8", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "169.254.169.254"],
  ["2001:db8::1", "fe80::1", "::"],
])("a trace is not carried to %s and others that may be somebody's", (...hosts) => {
  for (const host of hosts) expect([host, destinations("")(host)]).toEqual([host, false]);
});

test.each([
  ["api.example.com", "api.example.com", true],
  ["api.example.com", "www.api.example.com", false],
  ["api.example.com", "orders", false],
  ["*.example.com", "api.example.com", true],
  ["*.example.com", "a.b.example.com", true],
  ["*.example.com", "example.com", false],
  ["*.example.com", "notexample.com", false],
  ["Private, API.example.com", "api.example.com", true],
  ["private,api.example.com", "orders", true],
  ["8.8.8.8", "8.8.8.8", true],
  ["2001:db8::1", "2001:db8::1", true],
  ["*", "anything.example", true],
])("with %s, to carry to %s is %s", (text, host, carried) => {
  const carriesTo = destinations(text);
  expect(carriesTo(host)).toBe(carried);
  expect(carriesTo(host)).toBe(carried); // the second time from memory
});

test.each([",", "a,,b", "*.", "exa mple", "http://a", "a.example:80", "[::1]", "*example.com", "a..b"])(
  "%j is no list of hosts",
  (text) => {
    expect(() => destinations(text)).toThrow(/is not private, \*, the name of a host/);
  },
);

test.each([
  ["/v1/7", "orders", "orders"],
  ["/v1/7", "ORDERS", "orders"],
  ["/v1/7", "[::1]", "::1"],
  ["/v1/7", "::1", "::1"],
  ["http://Api.example.com/v1/7", "127.0.0.1", "api.example.com"],
  ["http://[2001:db8::1]:80/", "127.0.0.1", "2001:db8::1"],
  ["*", "orders", "orders"],
  ["http://[", "orders", "orders"],
  ["", "orders", "orders"],
])("a request of %j that is sent to %s is for %s", (path, host, target) => {
  expect(targetHost(path, host)).toBe(target);
});

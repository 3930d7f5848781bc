import { expect, test } from "vitest";
import type { PolicyInput } from "../input/policy-input.ts";
import type { SidecarInput } from "../input/sidecar-input.ts";
import { problemsOf } from "../problem/policy-error.ts";
import { checkPolicy } from "./check-policy.ts";

function problems(sidecar: SidecarInput, rest: Omit<PolicyInput, "version"> = {}): readonly string[] {
  const told = (): ReturnType<typeof problemsOf> => {
    try {
      return checkPolicy({ version: 1, ...rest, sidecar }, { home: "sidecar" }).warnings;
    } catch (error) {
      return problemsOf(error);
    }
  };
  return told().map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
}

const app = "127.0.0.1:3000";
const inbound = { listen: "127.0.0.1:8080", app } as const;
const outbound = { listen: "127.0.0.1:15001" } as const;

test.each<{ sidecar: SidecarInput; rest?: Omit<PolicyInput, "version">; says: string }>([
  { sidecar: {}, says: "error sidecar: has nothing to listen on: name inbound, outbound or tcp" },
  { sidecar: { admin: outbound }, says: "error sidecar: has nothing to listen on" },
  {
    sidecar: { inbound, outbound: { listen: "0.0.0.0:8080" } },
    says: "error sidecar.outbound.listen: 0.0.0.0:8080 is taken by sidecar.inbound.listen, 127.0.0.1:8080",
  },
  {
    sidecar: {
      tcp: [
        { listen: "unix:/a", service: "x" },
        { listen: "unix:/a", service: "y" },
      ],
    },
    says: "error sidecar.tcp[1].listen: unix:/a is taken by sidecar.tcp[0].listen, unix:/a",
  },
  {
    sidecar: { inbound: { ...inbound, timeouts: { idle: "3s" } } },
    says: "warning sidecar.inbound.timeouts.idle: 3000 ms, and callers keep idle connections for up to 5000",
  },
  {
    sidecar: { inbound: { listen: "0.0.0.0:3000", app } },
    says: "error sidecar.inbound.app: 127.0.0.1:3000 is where sidecar.inbound.listen listens: calls would go round",
  },
  {
    sidecar: {
      inbound: { ...inbound, tls: { cert: "a.pem", key: "a.key", ca: "ca.pem" } },
      register: { name: "web", check: { kind: "http" } },
    },
    says: "error sidecar.register.check: is of kind http, for which Consul's agent shows no certificate",
  },
  {
    sidecar: { inbound: { ...inbound, protocol: "http1", grpcWeb: true } },
    says: "error sidecar.inbound.grpcWeb: makes calls of gRPC, which cannot go by the HTTP/1.1 of inbound.protocol",
  },
  {
    sidecar: { outbound, admin: { listen: "0.0.0.0:15000" } },
    says: "error sidecar.admin.listen: 0.0.0.0:15000 can be reached from other machines",
  },
  {
    sidecar: { outbound: { listen: "0.0.0.0:15001", unknown: "passthrough" } },
    says: "warning sidecar.outbound.unknown: passthrough at 0.0.0.0:15001 lets whoever reaches it call anything",
  },
  { sidecar: { inbound, register: {} }, says: "error sidecar.register: does not say the name" },
  {
    sidecar: { service: "web", outbound, register: { check: { kind: "tcp" } } },
    says: "error sidecar.register: does not say the port",
  },
  {
    sidecar: { service: "web", inbound: { listen: "unix:/a", app }, register: {} },
    says: "error sidecar.register: does not say the port",
  },
  {
    sidecar: { service: "web", outbound, register: { port: 80 } },
    says: "error sidecar.register: has a check of kind ttl and no inbound.app to connect to",
  },
  {
    sidecar: { service: "web", inbound, register: { check: { kind: "tcp", path: "/x" } } },
    says: "error sidecar.register.check.path: belongs to kind http, and kind is tcp",
  },
  {
    sidecar: { service: "web", inbound, register: { check: { interval: "900ms", timeout: "1ms" } } },
    says: "error sidecar.register.check.interval: 900ms is under 1s",
  },
  {
    sidecar: { service: "web", inbound, register: { check: { interval: "1s" } } },
    says: "error sidecar.register.check.interval: a timeout of 2000ms is over the interval of 1000ms",
  },
  {
    sidecar: { service: "web", inbound, register: { meta: meta(65) } },
    says: "error sidecar.register.meta: 65 entries are more than 64",
  },
  {
    sidecar: { tcp: [{ listen: "127.0.0.1:1", service: "postgres" }] },
    rest: { services: { postgres: { balancer: { kind: "maglev", hashOn: [{ header: "x" }, "path"] } } } },
    says: 'warning sidecar.tcp[0].service: "postgres" hashes header, path, which connections of TCP do not have: they go by chance',
  },
  {
    sidecar: { tcp: [{ listen: "127.0.0.1:1", service: "postgres" }] },
    rest: {
      defaults: { balancer: { kind: "maglev", hashOn: ["path"] } },
      services: { postgres: { protocol: "tcp" } },
    },
    says: 'warning services.postgres.protocol: "tcp" has none of what balancer.hashOn names, so connections go by chance',
  },
  {
    sidecar: { tcp: [{ listen: "127.0.0.1:1", service: "postgrs" }] },
    rest: { services: { postgres: {} } },
    says: 'warning sidecar.tcp[0].service: "postgrs" is none of services, so it is looked for in Consul; did you mean postgres?',
  },
  {
    sidecar: { outbound: { ...outbound, service: "web", consul: true } },
    says: "error sidecar.outbound.consul: has no effect where outbound.service takes every call",
  },
])("$says", ({ sidecar, rest, says }) => {
  expect(problems(sidecar, rest)).toEqual([expect.stringContaining(says)]);
});

test.each<{ sidecar: SidecarInput; why: string }>([
  { sidecar: { inbound, outbound, admin: { listen: "[::1]:15000" } }, why: "each has its own port" },
  { sidecar: { outbound: { listen: "127.0.0.1:0" }, admin: { listen: "127.0.0.1:0" } }, why: "0 is any free port" },
  { sidecar: { outbound, admin: { listen: "unix:/a" } }, why: "a socket of the file system is local" },
  { sidecar: { service: "web", inbound, register: { meta: meta(64) } }, why: "Consul takes 64" },
  { sidecar: { service: "web", outbound, register: { port: 80, check: { kind: "tcp" } } }, why: "the agent checks" },
  { sidecar: { tcp: [{ listen: "127.0.0.1:1", service: "postgres" }] }, why: "Consul may know it" },
])("$sidecar is no contradiction: $why", ({ sidecar }) => {
  expect(problems(sidecar)).toEqual([]);
});

test("a file for the SDK may have a sidecar's part that listens nowhere", () => {
  expect(checkPolicy({ version: 1, sidecar: { service: "web" } }).warnings).toEqual([]);
});

function meta(entries: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: entries }, (_, i) => [`k${i}`, "v"]));
}

import { checkPolicy, type Policy, type PolicyInput, type SidecarInput } from "@weft/config";
import { expect, test } from "vitest";
import { policyChanges } from "./policy-changes.ts";

type Rest = Omit<PolicyInput, "version" | "sidecar">;

const outbound = { listen: "127.0.0.1:15001" } as const;
const tls = { cert: "web.pem", key: "web-key.pem" } as const;
const db = { listen: "127.0.0.1:15432", service: "db" } as const;

function policy(rest: Rest, sidecar: SidecarInput = { outbound }): Policy {
  return checkPolicy({ version: 1, ...rest, sidecar }, { home: "sidecar" }).policy;
}

test("two policies that do the same ask for nothing, however they are written", () => {
  const short = policy({ services: { orders: {} } });
  const long = policy({ services: { orders: { retry: { maxRetries: 1 }, discover: { consul: "orders" } } } });
  expect(policyChanges(short, long)).toEqual({
    listeners: { open: [], close: [], closeFirst: [], changed: [] },
    services: { added: [], removed: [], changed: [] },
    defaults: false,
    consul: false,
    register: false,
    accessLog: false,
    words: [],
  });
});

test.each<{ before: Rest; after: Rest; words: readonly string[] }>([
  { before: {}, after: { services: { orders: {} } }, words: ["service orders added"] },
  { before: { services: { orders: {} } }, after: {}, words: ["service orders removed"] },
  {
    before: { services: { orders: {} } },
    after: { services: { orders: { retry: { maxRetries: 2 }, breaker: { coolDown: "1s" } } } },
    words: [
      "service orders: breaker off -> on",
      "service orders: breaker.coolDown unset -> 1s",
      "service orders: breaker.failureRatio unset -> 0.5",
      "service orders: breaker.minimumCalls unset -> 20",
      "service orders: breaker.window unset -> 10s",
      "service orders: retry.maxRetries 1 -> 2",
    ],
  },
  {
    before: { services: { orders: { hedge: { after: "p95" } } } },
    after: { services: { orders: { retry: "off" } } },
    words: ["service orders: hedge on -> off", "service orders: retry on -> off"],
  },
  {
    before: { services: { orders: { hedge: {}, rules: [{ when: { path: "/a" }, hedge: "off" }] } } },
    after: { services: { orders: { hedge: {} } } },
    words: ["service orders: rules[0].hedge off -> unset"],
  },
  {
    before: { services: { orders: { rules: [{ when: { path: "/a" }, retry: "off" }] } } },
    after: { services: { orders: { rules: [{ when: { path: "/b" }, retry: "off" }] } } },
    words: ["service orders: rules changed"],
  },
  {
    before: { services: { orders: { timeout: { total: "1s" } } } },
    after: { services: { orders: { timeout: { total: "1s" } } }, defaults: { timeout: { total: "2s" } } },
    words: ["defaults changed"],
  },
  {
    before: {},
    after: { discovery: { consul: { token: { env: "TOKEN" } } } },
    words: ["discovery.consul changed"],
  },
  {
    before: {},
    after: { telemetry: { accessLog: "json" } },
    words: ["telemetry.accessLog.format off -> json"],
  },
])("$words", ({ before, after, words }) => {
  expect(policyChanges(policy(before), policy(after)).words).toEqual(words);
});

test.each<{ before: SidecarInput; after: SidecarInput; changes: object; words: readonly string[] }>([
  {
    before: { outbound },
    after: { outbound: { listen: "127.0.0.1:15002" } },
    changes: { open: [{ kind: "outbound" }], close: [{ kind: "outbound" }], changed: [], closeFirst: [] },
    words: ["outbound opens at 127.0.0.1:15002", "outbound closes at 127.0.0.1:15001"],
  },
  {
    before: { outbound },
    after: { outbound: { ...outbound, limits: { fields: 7 } } },
    changes: { open: [], close: [], changed: [{ after: { policy: { limits: { fields: 7 } } } }] },
    words: ["outbound: limits.fields 100 -> 7"],
  },
  {
    before: { outbound, tcp: [db] },
    after: {
      outbound,
      tcp: [
        { listen: "127.0.0.1:15433", service: "cache" },
        { ...db, service: "db2" },
      ],
    },
    changes: {
      open: [{ kind: "tcp", policy: { service: "cache" } }],
      close: [],
      changed: [{ before: { policy: { service: "db" } }, after: { policy: { service: "db2" } } }],
    },
    words: ["tcp:15432: service db -> db2", "tcp:15433 opens at 127.0.0.1:15433"],
  },
  {
    before: { outbound },
    after: { tcp: [{ ...outbound, service: "db" }] },
    changes: {
      open: [{ kind: "tcp" }],
      close: [{ kind: "outbound" }],
      closeFirst: [{ kind: "outbound" }],
      changed: [],
    },
    words: ["tcp:15001 opens at 127.0.0.1:15001", "outbound closes at 127.0.0.1:15001"],
  },
  {
    before: { outbound: { ...outbound, tls } },
    after: { outbound: { ...outbound, tls: { ...tls, minVersion: "TLSv1.3" } } },
    changes: { open: [], close: [], changed: [{ after: { policy: { tls: { minVersion: "TLSv1.3" } } } }] },
    words: ["outbound: tls.minVersion TLSv1.2 -> TLSv1.3"],
  },
  {
    before: { outbound },
    after: { outbound: { ...outbound, tls } },
    changes: { open: [{ kind: "outbound" }], close: [{ kind: "outbound" }], closeFirst: [{ kind: "outbound" }] },
    words: ["outbound opens at 127.0.0.1:15001", "outbound closes at 127.0.0.1:15001"],
  },
  {
    before: { outbound: { ...outbound, tls } },
    after: { outbound: { ...outbound, tls: { ...tls, ca: "ca.pem" } } },
    changes: { open: [{ kind: "outbound" }], close: [{ kind: "outbound" }], closeFirst: [{ kind: "outbound" }] },
    words: ["outbound opens at 127.0.0.1:15001", "outbound closes at 127.0.0.1:15001"],
  },
  {
    before: { outbound },
    after: { outbound: { listen: "0.0.0.0:15001" } },
    changes: { open: [{ kind: "outbound" }], close: [{ kind: "outbound" }], closeFirst: [{ kind: "outbound" }] },
    words: ["outbound opens at 0.0.0.0:15001", "outbound closes at 127.0.0.1:15001"],
  },
  {
    before: { outbound: { listen: "127.0.0.1:0" }, tcp: [{ listen: "127.0.0.1:0", service: "a" }] },
    after: { outbound: { listen: "127.0.0.1:0" }, admin: { listen: "127.0.0.1:0" } },
    changes: { open: [{ kind: "admin" }], close: [{ kind: "tcp" }], changed: [], closeFirst: [] },
    words: ["admin opens at 127.0.0.1:0", "tcp:0 closes at 127.0.0.1:0"],
  },
])("$words", ({ before, after, changes, words }) => {
  const found = policyChanges(policy({}, before), policy({}, after));
  expect(found.listeners).toMatchObject(changes);
  expect(found.words).toEqual(words);
});

test("what Consul is told, and how the sidecar ends, are told in the words of the file", () => {
  const web: SidecarInput = { service: "web", inbound: { listen: "10.0.0.1:80", app: "127.0.0.1:3000" } };
  const found = policyChanges(policy({}, web), policy({}, { ...web, register: { tags: ["v2"] } }));
  expect(found.register).toBe(true);
  expect(found.words).toEqual([
    "sidecar.register.check.interval unset -> 5s",
    "sidecar.register.check.kind unset -> ttl",
    "sidecar.register.check.timeout unset -> 2s",
    "sidecar.register.name unset -> web",
    'sidecar.register.tags unset -> ["v2"]',
    "sidecar.drain.propagation 0s -> 5s",
  ]);
});

import { createConnection } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { Echo } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { type Answer, call, portOf, sidecarRig, type SidecarRig, type SidecarRigOptions } from "./rig.ts";

async function started(options: SidecarRigOptions): Promise<SidecarRig> {
  const rig = await sidecarRig(options);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  // Hashed by their names: by their ports, which are others in every run, one of four may get none of a dozen users.
  const named = rig.endpoints.asEndpoints().map((one) => ({ ...one, meta: { hash_key: one.id } }));
  rig.registry.set("orders", named);
  return rig;
}

/** Which endpoint answered. */
function by({ body }: Answer): string {
  return (JSON.parse(body) as Echo).endpoint;
}

const USERS = Array.from({ length: 12 }, (_, i) => `user-${i}`);

test.each(["ring-hash", "maglev", "ketama"] as const)("%s sends one user's calls to one endpoint", async (kind) => {
  const { port } = await started({
    count: 4,
    policy: { balancer: { kind, hashOn: [{ header: "X-User" }] } },
  });
  const ask = async (user: string): Promise<string> => by(await call(port, "/", { headers: { "x-user": user } }));
  const homes = new Map<string, string>();
  for (const user of USERS) homes.set(user, await ask(user));
  expect(new Set(homes.values()).size).toBeGreaterThan(1);
  for (const user of USERS) expect(await ask(user)).toBe(homes.get(user));
});

test("users of an endpoint that is ejected go elsewhere, all others stay", async () => {
  const { port, endpoints, admin } = await started({
    count: 4,
    policy: { balancer: { kind: "maglev", hashOn: [{ query: "user" }] } },
  });
  const homes = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const user of USERS) found.push(by(await call(port, `/?page=1&user=${user}`)));
    return found;
  };
  const before = await homes();
  const { id } = endpoints.at(1).asEndpoint();
  expect((await admin(`/eject?service=orders&endpoint=${encodeURIComponent(id)}&for=1m`, "POST")).status).toBe(200);
  const during = await homes();
  const moved = before.filter((home, i) => during[i] !== home);
  expect(new Set(moved)).toEqual(new Set([endpoints.at(1).name]));
  expect(during).not.toContain(endpoints.at(1).name);
});

test("a caller without the cookie is given one, and comes back to the same endpoint with it", async () => {
  const { port, endpoints } = await started({
    count: 4,
    policy: { balancer: { kind: "maglev", hashOn: [{ cookie: { name: "home", ttl: "1h" } }] } },
  });
  for (const endpoint of endpoints.all) endpoint.next({ headers: { "set-cookie": "own=1" } });
  const first = await call(port, "/");
  expect(first.headers["set-cookie"]).toEqual([
    "own=1",
    expect.stringMatching(/^home=[0-9a-f]{32}; Max-Age=3600; Path=\/; HttpOnly$/),
  ]);
  const cookie = first.headers["set-cookie"]![1]!.split(";")[0]!;
  for (let i = 0; i < 5; i++) {
    const again = await call(port, "/", { headers: { cookie: `a=b; ${cookie}` } });
    expect(by(again)).toBe(by(first));
    expect(again.headers["set-cookie"]).toBeUndefined();
  }
});

test("source-ip sends all calls of this address to one endpoint, whatever their port", async () => {
  const { port } = await started({ count: 4, policy: { balancer: { kind: "source-ip" } } });
  const homes = new Set<string>();
  for (let i = 0; i < 8; i++) homes.add(by(await call(port, `/${i}`)));
  expect(homes.size).toBe(1);
});

test("source-ip holds for TCP, too", async () => {
  const { sidecar, endpoints } = await started({
    count: 4,
    policy: { balancer: { kind: "source-ip" } },
    sidecar: { tcp: [{ listen: "127.0.0.1:0", service: "orders" }] },
  });
  const name = sidecar.listeners.find(({ name: one }) => one.startsWith("tcp"))!.name;
  for (let i = 0; i < 6; i++) {
    const socket = createConnection(portOf(sidecar, name), "127.0.0.1");
    await once(socket, "connect");
    socket.end("GET / HTTP/1.1\r\nhost: orders\r\nconnection: close\r\n\r\n");
    expect(await text(socket)).toContain("200 OK");
  }
  expect(endpoints.all.filter(({ requests }) => requests.length > 0)).toHaveLength(1);
});

test("a call without a key goes by chance, and explain says so", async () => {
  const { port, admin } = await started({
    count: 2,
    policy: { balancer: { kind: "ring-hash", hashOn: [{ header: "x-user" }] } },
  });
  await call(port, "/");
  expect((await admin("/explain?service=orders&last=5")).body).toContain("no key to hash");
});

test("a subset by labels is all that is called", async () => {
  const rig = await started({
    count: 3,
    policy: { balancer: { kind: "round-robin" }, subset: { labels: { v: "2" } } },
  });
  const labelled = rig.endpoints.asEndpoints().map((one, i) => ({ ...one, meta: { v: i === 1 ? "2" : "1" } }));
  rig.registry.set("orders", labelled);
  const homes = new Set<string>();
  for (let i = 0; i < 6; i++) homes.add(by(await call(rig.port, "/")));
  expect(homes).toEqual(new Set([rig.endpoints.at(1).name]));
});

test("a balancer by reported load takes answers that report, and those that report nonsense", async () => {
  const { port, endpoints } = await started({ count: 2, policy: { balancer: { kind: "reported-load" } } });
  endpoints
    .at(0)
    .always({ headers: { "endpoint-load-metrics": "TEXT rps_fractional=100,application_utilization=0.5" } });
  endpoints.at(1).always({ headers: { "endpoint-load-metrics": 'JSON {"rps_fractional":"much"}' } }); // unreadable
  for (let i = 0; i < 6; i++) expect((await call(port, "/")).status).toBe(200);
});

test("prequal keeps away from an endpoint that says how busy it is, and takes nonsense for nothing", async () => {
  const { port, endpoints } = await started({ count: 3, policy: { balancer: { kind: "prequal" } } });
  const says = (rif: number, ms: number): string => `TEXT named_metrics.rif=${rif},named_metrics.latency_ms=${ms}`;
  endpoints.at(0).always({ headers: { "endpoint-load-metrics": says(40, 9_000) } });
  endpoints.at(1).always({ headers: { "endpoint-load-metrics": says(1, 1) } });
  endpoints.at(2).always({ headers: { "endpoint-load-metrics": 'JSON {"named_metrics":{"rif":-1}}' } });
  const homes: string[] = [];
  for (let i = 0; i < 40; i++) homes.push(by(await call(port, "/")));
  // Each is tried as a newcomer; one in a hundred goes where nothing was heard of for a second.
  expect(homes.filter((home) => home === endpoints.at(0).name)).toHaveLength(1);
});

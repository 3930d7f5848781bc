import { createServer, type IncomingMessage, request } from "node:http";
import { connect } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { checkPolicy, type Policy, type ServicePolicyInput } from "@weft/config";
import { endpoint } from "@weft/core";
import type { Echo } from "@weft/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { answers, says } from "./grpc-peers.ts";
import { grpcRig } from "./grpc-rig.ts";
import { type Answer, call, sidecarRig, type SidecarRig, type SidecarRigOptions } from "./rig.ts";

const POLICY: ServicePolicyInput = { balancer: { kind: "round-robin" }, sticky: { cookie: { name: "home" } } };

async function started(options: SidecarRigOptions = {}): Promise<SidecarRig> {
  const rig = await sidecarRig({ count: 3, policy: POLICY, ...options });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

/** Which endpoint answered. */
function by({ body }: Pick<Answer, "body">): string {
  return (JSON.parse(body) as Echo).endpoint;
}

/** The cookie that the caller was given, as it sends it back; "" when it was given none. */
function given({ headers }: Pick<Answer, "headers">): string {
  return headers["set-cookie"]?.find((line) => line.startsWith("home="))?.split(";")[0] ?? "";
}

function back({ port }: SidecarRig, cookie: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return call(port, "/", { headers: { cookie, ...more } });
}

/** The rig's own policy, but for what it says of orders. */
function policyOf(orders: ServicePolicyInput): Policy {
  const sidecar = { outbound: { listen: "127.0.0.1:0" }, admin: { listen: "127.0.0.1:0" } } as const;
  const input = { version: 1, telemetry: { accessLog: "off" }, services: { orders }, sidecar };
  return checkPolicy(input, { home: "sidecar" }).policy;
}

/** Begins so many sessions. */
async function sessions(rig: SidecarRig, count: number): Promise<{ readonly cookie: string; readonly at: string }[]> {
  const found: { cookie: string; at: string }[] = [];
  for (let i = 0; i < count; i++) {
    const first = await call(rig.port, "/");
    found.push({ cookie: given(first), at: by(first) });
  }
  return found;
}

describe("a session", () => {
  test("is kept by the endpoint that answered its first call, without another cookie", async () => {
    const rig = await started();
    for (const { cookie, at } of await sessions(rig, 3)) {
      for (let i = 0; i < 4; i++) {
        const answer = await back(rig, `a=b; ${cookie}; c=d`);
        expect([by(answer), given(answer)]).toEqual([at, ""]);
      }
    }
  });

  test("moves once when its endpoint is killed, and all others stay", async () => {
    const rig = await started();
    const began = await sessions(rig, 6);
    const dead = rig.endpoints.at(1);
    await dead.refuse();
    rig.registry.set(
      "orders",
      rig.endpoints.asEndpoints().filter(({ id }) => id !== dead.asEndpoint().id),
    );
    for (const { cookie, at } of began) {
      const after = await back(rig, cookie);
      expect(after.status).toBe(200);
      if (at !== dead.name) {
        expect([by(after), given(after)]).toEqual([at, ""]);
        continue;
      }
      expect(by(after)).not.toBe(dead.name);
      const later = await back(rig, given(after));
      expect([by(later), given(later)]).toEqual([by(after), ""]);
    }
    expect(rig.journal.of("session.moved")).toHaveLength(2);
    expect(rig.journal.of("session.moved")[0]).toMatchObject({ service: "orders", from: undefined });
    expect((await rig.admin("/metrics")).body).toContain('weft_sessions_moved_total{service="orders"} 2');
  });

  test("moves when its endpoint refuses connections and the registry has not noticed", async () => {
    const rig = await started();
    const [session] = await sessions(rig, 1);
    const dead = rig.endpoints.all.find(({ name }) => name === session!.at)!;
    await dead.refuse();
    const moved = await back(rig, session!.cookie);
    expect(moved.status).toBe(200);
    expect(by(moved)).not.toBe(session!.at);
    expect(given(moved)).not.toBe("");
    expect(by(await back(rig, given(moved)))).toBe(by(moved));
    const { body } = await rig.admin("/explain?service=orders&last=5");
    expect(body).toContain(`its session moves from ${dead.asEndpoint().id}, which has been tried`);
    expect(body).toContain("which keeps its session");
  });

  test("moves while its endpoint is ejected, and stays where it went", async () => {
    const rig = await started();
    const [session] = await sessions(rig, 1);
    const { id } = rig.endpoints.all.find(({ name }) => name === session!.at)!.asEndpoint();
    await rig.admin(`/eject?service=orders&endpoint=${encodeURIComponent(id)}&for=1m`, "POST");
    const moved = await back(rig, session!.cookie);
    expect(by(moved)).not.toBe(session!.at);
    expect((await rig.admin("/explain?service=orders&last=1")).body).toMatch(
      /its session moves from \S+, which is ejected for another (60\.0|59\.\d) s/,
    );
    await rig.admin(`/restore?service=orders&endpoint=${encodeURIComponent(id)}`, "POST");
    expect(by(await back(rig, given(moved)))).toBe(by(moved));
  });

  test("stays while its endpoint drains, and no session begins there", async () => {
    const rig = await started();
    const [session] = await sessions(rig, 1);
    const drains = rig.endpoints.asEndpoints().map((one, i) => {
      return rig.endpoints.at(i).name === session!.at ? { ...one, state: "draining" as const } : one;
    });
    rig.registry.set("orders", drains);
    expect(by(await back(rig, session!.cookie))).toBe(session!.at);
    for (const { at } of await sessions(rig, 6)) expect(at).not.toBe(session!.at);
  });

  test("does not begin with a failure", async () => {
    const rig = await started({ policy: { ...POLICY, retry: "off" } });
    for (const endpoint of rig.endpoints.all) endpoint.next({ status: 500 });
    const failed = await call(rig.port, "/");
    expect([failed.status, given(failed)]).toEqual([500, ""]);
  });

  test("of another sidecar, or of this one before a restart, is known", async () => {
    const rig = await started();
    const twin = await started({ registered: rig.endpoints.asEndpoints() });
    for (const { cookie, at } of await sessions(rig, 3)) expect(by(await back(twin, cookie))).toBe(at);
  });
});

describe("the cookie", () => {
  test("has what the policy says, beside those of the endpoint, and no address", async () => {
    const cookie = {
      name: "home",
      ttl: "90s",
      path: "/shop",
      secure: true,
      httpOnly: false,
      sameSite: "none",
    } as const;
    const rig = await started({ policy: { ...POLICY, sticky: { cookie } } });
    for (const endpoint of rig.endpoints.all) endpoint.next({ headers: { "set-cookie": "own=1" } });
    const { headers } = await call(rig.port, "/");
    expect(headers["set-cookie"]).toEqual([
      "own=1",
      expect.stringMatching(/^home=[\w-]{22}; Max-Age=90; Path=\/shop; Secure; SameSite=None$/),
    ]);
    expect(JSON.stringify(headers["set-cookie"])).not.toMatch(/127|endpoint/);
  });

  test.each([
    ["made up", "home=AAAAAAAAAAAAAAAAAAAAAA"],
    ["an address", "home=127.0.0.1:80"],
    ["an id", "home=endpoint-1"],
    ["empty", "home="],
    ["quoted", 'home="'],
    ["without a value", "home"],
    ["a megabyte would be refused, so long", `home=${"x".repeat(8_000)}`],
    ["a word of JavaScript's own", "home=__proto__"],
    ["of another name", "Home=x; xhome=y"],
  ])("that is %s is no session: the caller gets a new one", async (_, cookie) => {
    const rig = await started();
    const answer = await back(rig, cookie);
    expect(answer.status).toBe(200);
    expect(given(answer)).toMatch(/^home=[\w-]{22}$/);
    expect(by(await back(rig, given(answer)))).toBe(by(answer));
  });

  test("is read in crumbs and set over HTTP/2, too", async () => {
    const rig = await started();
    const client = connect(`http://127.0.0.1:${rig.port}`);
    onTestFinished(() => client.destroy());
    const ask = async (cookie: string[]): Promise<Answer> => {
      const stream = client.request({ ":path": "/", ":authority": "orders", cookie });
      const [headers] = await once(stream, "response");
      return { status: headers[":status"], headers, body: await text(stream) };
    };
    const first = await ask([]);
    for (let i = 0; i < 4; i++) {
      const again = await ask(["a=b", given(first), "c=d"]);
      expect([by(again), given(again)]).toEqual([by(first), ""]);
    }
  });

  test("is not asked for, nor set, when sessions are turned off, and old ones count again when they are back", async () => {
    const rig = await started();
    const [session] = await sessions(rig, 1);
    const reload = (orders: ServicePolicyInput) => rig.sidecar.reload(policyOf(orders));
    await reload({ balancer: { kind: "round-robin" } });
    const homes = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const answer = await back(rig, session!.cookie);
      homes.add(by(answer));
      expect(given(answer)).toBe("");
    }
    expect(homes.size).toBe(3);
    await reload(POLICY);
    expect(by(await back(rig, session!.cookie))).toBe(session!.at);
  });
});

test("a session of gRPC is one by metadata, and one that is answered UNAVAILABLE moves with its retry", async () => {
  const { endpoints, caller } = await grpcRig({
    ...POLICY,
    retry: { on: ["never-sent", "unavailable"], backoff: { base: "0s", max: "0s" } },
  });
  for (const endpoint of endpoints) endpoint.always(answers(["hello"], { "grpc-status": "0" }));
  const ask = async (cookie: string): Promise<string> => {
    const { head, trailers } = await caller.call({ cookie }).answer;
    expect(trailers).toMatchObject({ "grpc-status": "0" });
    return given({ headers: head });
  };
  const counts = (): number[] => endpoints.map(({ calls }) => calls.length).toSorted((a, b) => a - b);
  const cookie = await ask("");
  for (let i = 0; i < 3; i++) expect(await ask(cookie)).toBe("");
  expect(counts()).toEqual([0, 4]);
  endpoints.find(({ calls }) => calls.length === 4)?.always(says(14));
  const next = await ask(cookie);
  expect(next).toMatch(/^home=/);
  expect(counts()).toEqual([1, 5]);
  for (let i = 0; i < 3; i++) expect(await ask(next)).toBe("");
  expect(counts()).toEqual([4, 5]);
});

test("what is passed through has no sessions, whatever the defaults say", async () => {
  const rig = await started({
    rest: { defaults: { sticky: { cookie: { name: "home" } } } },
    outbound: { unknown: "passthrough" },
    policy: {},
  });
  const { port } = rig.endpoints.at(0);
  const through = await call(rig.port, "/", { host: `127.0.0.1:${port}` });
  expect([through.status, given(through)]).toEqual([200, ""]);
  expect(given(await call(rig.port, "/"))).not.toBe("");
});

test("what is passed through gets no cookie to hash by, whatever the defaults say", async () => {
  const hashOn = [{ cookie: { name: "home", ttl: "0s" } }] as const;
  const rig = await started({
    rest: { defaults: { balancer: { kind: "maglev", hashOn } } },
    outbound: { unknown: "passthrough" },
    policy: { balancer: {} },
  });
  const { port } = rig.endpoints.at(0);
  const through = await call(rig.port, "/", { host: `127.0.0.1:${port}` });
  expect([through.status, given(through)]).toEqual([200, ""]);
  expect(given(await call(rig.port, "/"))).not.toBe("");
});

test("a connection that becomes another protocol is kept, too: the 101 brings the cookie", async () => {
  const sockets = new Set<Socket>();
  const server = createServer().on("upgrade", (_, socket: Socket) => {
    sockets.add(socket.on("error", () => {})); // whoever asked goes without a word
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  const at = endpoint({ host: "127.0.0.1", port });
  const rig = await started({ count: 0, registered: [at] });
  const asked = request({
    port: rig.port,
    host: "127.0.0.1",
    headers: { host: "orders", connection: "upgrade", upgrade: "shout" },
  });
  const [response, socket] = (await once(asked.end(), "upgrade")) as [IncomingMessage, Socket];
  socket.destroy();
  expect(given(response)).toMatch(/^home=[\w-]{22}$/);
});

describe("a session that may not move", () => {
  const bound = { ...POLICY, sticky: { cookie: { name: "home" }, onUnavailable: "fail" } } as const;

  test("fails with a 503 that says why, and goes on when its endpoint is back", async () => {
    const rig = await started({ policy: bound });
    const [session] = await sessions(rig, 1);
    const { id } = rig.endpoints.all.find(({ name }) => name === session!.at)!.asEndpoint();
    await rig.admin(`/eject?service=orders&endpoint=${encodeURIComponent(id)}&for=1m`, "POST");
    const refused = await back(rig, session!.cookie);
    expect(refused).toMatchObject({ status: 503, headers: { "x-weft-error": "NO_ENDPOINTS" } });
    expect(refused.body).toContain("the session may not move (sticky.onUnavailable: fail)");
    await rig.admin(`/restore?service=orders&endpoint=${encodeURIComponent(id)}`, "POST");
    expect(by(await back(rig, session!.cookie))).toBe(session!.at);
  });

  test("is repeated at its endpoint", async () => {
    const rig = await started({ policy: bound });
    const [session] = await sessions(rig, 1);
    const keeper = rig.endpoints.all.find(({ name }) => name === session!.at)!;
    keeper.next({ status: 503 });
    const answer = await back(rig, session!.cookie);
    expect([answer.status, by(answer), given(answer)]).toEqual([200, session!.at, ""]);
  });
});

import { request as httpRequest } from "node:http";
import { json } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import type { ServicePolicyInput } from "@weft/config";
import { createMesh, type Mesh } from "@weft/client";
import { type Echo, memoryRegistry } from "@weft/testkit";
import { Agent, request } from "undici";
import { describe, expect, onTestFinished, test } from "vitest";
import { responseOf } from "./node-http.ts";
import { rig, type Rig, type RigOptions } from "./rig.ts";

const POLICY: ServicePolicyInput = { balancer: { kind: "round-robin" }, sticky: { cookie: { name: "home" } } };

async function started(options: RigOptions = {}): Promise<Rig> {
  const made = await rig({ count: 3, policy: POLICY, ...options });
  onTestFinished(() => made[Symbol.asyncDispose]());
  return made;
}

/** An answer, whichever way it came. */
interface Got {
  readonly by: string;
  readonly cookies: readonly string[];
}

/** One call that brings these cookies. */
type Way = (mesh: Mesh<"orders">, cookies: readonly string[]) => Promise<Got>;

function listOf(value: string | string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat();
}

const WAYS: readonly (readonly [name: string, way: Way])[] = [
  [
    "fetch",
    async (mesh, cookies) => {
      const answer = await mesh.fetch("http://orders/", { headers: { cookie: cookies.join("; ") } });
      return { by: ((await answer.json()) as Echo).endpoint, cookies: answer.headers.getSetCookie() };
    },
  ],
  [
    "undici's request",
    async ({ dispatcher }, cookies) => {
      const { headers, body } = await request("http://orders/", { dispatcher, headers: { cookie: [...cookies] } });
      return { by: ((await body.json()) as Echo).endpoint, cookies: listOf(headers["set-cookie"]) };
    },
  ],
  [
    "undici's request, with raw headers",
    async ({ dispatcher }, cookies) => {
      const options = {
        dispatcher,
        headers: cookies.flatMap((one) => ["Cookie", one]),
        responseHeaders: "raw",
      } as const;
      const { headers, body } = await request("http://orders/", options);
      // Names and values by turns, as `responseHeaders: "raw"` says.
      const raw = headers as unknown as readonly string[];
      const set = raw.filter((_, i) => raw[i - 1]?.toLowerCase() === "set-cookie" && i % 2 === 1);
      return { by: ((await body.json()) as Echo).endpoint, cookies: set };
    },
  ],
  [
    "the interceptor",
    async (mesh, cookies) => {
      const dispatcher = new Agent().compose(mesh.interceptor());
      const headers = { cookie: cookies.join("; ") };
      const answer = await request("http://orders/", { dispatcher, headers });
      const by = ((await answer.body.json()) as Echo).endpoint;
      await dispatcher.close();
      return { by, cookies: listOf(answer.headers["set-cookie"]) };
    },
  ],
  [
    "node:http",
    async (mesh, cookies) => {
      const headers = { cookie: [...cookies], connection: "close" }; // a reset of an idle one is the application's to bear
      const response = await responseOf(httpRequest("http://orders/", { agent: mesh.agent(), headers }).end());
      expect(response.rawHeaders.filter((name) => name.toLowerCase() === "set-cookie")).toHaveLength(
        listOf(response.headers["set-cookie"]).length,
      );
      return { by: ((await json(response)) as Echo).endpoint, cookies: listOf(response.headers["set-cookie"]) };
    },
  ],
];

describe.each(WAYS)("a session by %s", (_, way) => {
  test("is kept by who answered first, and its cookie set once", async () => {
    const { mesh } = await started();
    const first = await way(mesh, []);
    expect(first.cookies).toEqual([expect.stringMatching(/^home=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax$/)]);
    const cookie = first.cookies[0]!.split(";")[0]!;
    for (let i = 0; i < 4; i++) expect(await way(mesh, ["a=b", cookie])).toEqual({ by: first.by, cookies: [] });
  });

  test("moves when its endpoint refuses connections", async () => {
    const { mesh, endpoints, journal } = await started();
    const first = await way(mesh, []);
    const keeper = endpoints.all.find(({ name }) => name === first.by)!;
    await keeper.refuse();
    const cookie = first.cookies[0]!.split(";")[0]!;
    const moved = await way(mesh, [cookie]);
    expect(moved.by).not.toBe(first.by);
    expect(moved.cookies).toEqual([expect.stringMatching(/^home=[\w-]{22};/)]);
    const again = moved.cookies[0]!.split(";")[0]!;
    expect(await way(mesh, [again])).toEqual({ by: moved.by, cookies: [] });
    const from = keeper.asEndpoint().id;
    expect(journal.of("session.moved")).toMatchObject([{ service: "orders", from }]);
  });
});

test("its cookie stands beside those of the endpoint", async () => {
  const { mesh, endpoints } = await started();
  for (const endpoint of endpoints.all) endpoint.next({ headers: { "set-cookie": "own=1" } });
  const answer = await mesh.fetch("http://orders/");
  expect(answer.headers.getSetCookie()).toEqual(["own=1", expect.stringMatching(/^home=/)]);
});

test("an answer that the built-in fetch decodes has it, too", async () => {
  const { mesh } = await started({
    behaviour: { headers: { "content-encoding": "gzip" }, body: gzipSync("unpacked") },
  });
  const answer = await mesh.fetch("http://orders/");
  expect(await answer.text()).toBe("unpacked");
  expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^home=/)]);
});

test("without the rule a cookie of its name is nobody's business", async () => {
  const { mesh } = await started({ policy: { balancer: { kind: "round-robin" } } });
  const homes = new Set<string>();
  for (let i = 0; i < 3; i++) {
    const answer = await mesh.fetch("http://orders/", { headers: { cookie: "home=x" } });
    homes.add(((await answer.json()) as Echo).endpoint);
    expect(answer.headers.getSetCookie()).toEqual([]);
  }
  expect(homes.size).toBe(3);
});

test("a call of a session that waits for the registry's first answer keeps its session", async () => {
  const { mesh, endpoints } = await started();
  const first = await mesh.fetch("http://orders/");
  const at = ((await first.json()) as Echo).endpoint;
  const cookie = first.headers.getSetCookie()[0]!.split(";")[0]!;
  const registry = memoryRegistry();
  registry.stall();
  await using later = createMesh({ registry, services: { orders: POLICY } });
  const waiting = later.fetch("http://orders/", { headers: { cookie } });
  registry.set("orders", endpoints.asEndpoints());
  registry.recover();
  const answer = await waiting;
  expect(((await answer.json()) as Echo).endpoint).toBe(at);
  expect(answer.headers.getSetCookie()).toEqual([]);
});

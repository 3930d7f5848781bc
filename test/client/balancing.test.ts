import { request } from "node:http";
import { once } from "node:events";
import { json } from "node:stream/consumers";
import type { Echo } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { rig } from "./rig.ts";

const USERS = Array.from({ length: 10 }, (_, i) => `user-${i}`);

test("a balancer that hashes sends one user's calls to one endpoint, by fetch and by node:http", async () => {
  const { mesh, ...made } = await rig({
    count: 4,
    policy: { balancer: { kind: "maglev", hashOn: [{ header: "x-user" }, { cookie: "visitor" }] } },
  });
  onTestFinished(() => made[Symbol.asyncDispose]());
  const agent = mesh.agent();

  async function byFetch(user: string): Promise<string> {
    const answer = await mesh.fetch("http://orders/", { headers: { "x-user": user } });
    return ((await answer.json()) as Echo).endpoint;
  }

  async function byNodeHttp(user: string): Promise<string> {
    const sent = request("http://orders/", { agent, headers: { "x-user": user } }).end();
    const [answer] = await once(sent, "response");
    return ((await json(answer)) as Echo).endpoint;
  }

  const homes = new Map<string, string>();
  for (const user of USERS) homes.set(user, await byFetch(user));
  expect(new Set(homes.values()).size).toBeGreaterThan(1);
  for (const user of USERS)
    expect([await byFetch(user), await byNodeHttp(user)]).toEqual([homes.get(user), homes.get(user)]);
});

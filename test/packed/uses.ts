/*
 * A service of somebody who has only the packages: it calls `orders` by a policy, with endpoints learned from a registry,
 * while one of them breaks. `run.ts` copies it into the empty project and runs it there, as the TypeScript that it is and
 * as the JavaScript that is left without its types. So it must do without syntax that Node 22 does not have.
 */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { createMesh, MeshError } from "@weft/client";
import { parsePolicy } from "@weft/config";
import { startAgent } from "@weft/consul-dev";
import { type Layer, OngoingCall, sentence, type Service, stack } from "@weft/core";
import { consulDiscovery } from "@weft/discovery";
import { opossumBreaker } from "@weft/opossum";
import { fakeEndpoints, fakeTime } from "@weft/testkit";

const POLICY = "version: 1\nservices:\n  orders: { discover: { consul: orders }, retry: { maxRetries: 1 } }\n";

const { policy } = await parsePolicy(POLICY, { file: "policy.yaml" });
deepStrictEqual([...policy.services.keys()], ["orders"]);

const endpoints = await fakeEndpoints(3, { behaviour: { body: "apples" } });
const agent = await startAgent();
for (const { id, port } of endpoints.asEndpoints()) {
  agent.register({ Name: "orders", ID: id, Address: "127.0.0.1", Port: port });
}
const mesh = createMesh({
  registry: consulDiscovery({ url: agent.url }),
  services: { orders: { retry: { maxRetries: 1 } } },
  breakers: { orders: (ports) => opossumBreaker("orders", {}, ports) },
});
const attempts: number[] = [];
mesh.on("call.ended", (ended) => attempts.push(ended.attempts));
await mesh.ready();

await endpoints.at(0).refuse();
for (let number = 1; number <= 20; number++) {
  const answer = await mesh.fetch(`http://orders/v1/${number}`);
  strictEqual(await answer.text(), "apples");
}
strictEqual(attempts.length, 20);
ok(Math.max(...attempts) === 2, "no call was repeated, although one endpoint refuses");
ok(mesh.explain({ service: "orders", last: 100 }).decisions.map(sentence).join("\n").includes("could not connect"));
// @ts-expect-error -- nobody has told the mesh of such a service
await rejects(async () => mesh.service("payments").fetch("/"), MeshError);

const polite: Layer<string, string> = {
  name: "polite",
  wrap: (next) => async (name, call) => `${await next(name, call)}!`,
};
const hello: Service<string, string> = async (name) => `hello ${name}`;
strictEqual(await stack([polite], hello)("weft", new OngoingCall(1, "greetings", 0, true)), "hello weft!");

const time = fakeTime();
const slept = time.sleep(3_600_000);
await time.advance(3_600_000);
await slept;

await mesh.close();
await agent.close();
await endpoints.close();
deepStrictEqual(time.pending(), 0);

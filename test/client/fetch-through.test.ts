import { createMesh } from "@weft/client";
import { memoryRegistry } from "@weft/testkit";
import { request } from "undici";
import { expect, test } from "vitest";
import { NOTHING, rig } from "./rig.ts";

test.each([
  ["a URL and { dispatcher }", (url: string, dispatcher: object) => fetch(url, { dispatcher } as RequestInit)],
  [
    "a Request and { dispatcher }",
    (url: string, dispatcher: object) => fetch(new Request(url), { dispatcher } as RequestInit),
  ],
  [
    "a Request that holds the dispatcher",
    (url: string, dispatcher: object) => fetch(new Request(url, { dispatcher } as RequestInit)),
  ],
])("the built-in fetch goes through the mesh by %s", async (_, send) => {
  await using lab = await rig();
  const response = await send("http://orders/v1/7?x=1", lab.mesh.dispatcher);
  expect(await response.json()).toMatchObject({ path: "/v1/7?x=1", headers: { host: "orders" } });
  expect(response.url).toBe("http://orders/v1/7?x=1");
  expect(await lab.closed()).toEqual(NOTHING);
});

test("a fetch of fetch's own failures keeps the MeshError as its cause", async () => {
  await using lab = await rig({ count: 0 });
  const failed = { name: "TypeError", message: "fetch failed", cause: { code: "NO_ENDPOINTS" } };
  await expect(lab.mesh.fetch("http://orders/")).rejects.toMatchObject(failed);
  await expect(fetch("http://orders/", { dispatcher: lab.mesh.dispatcher })).rejects.toMatchObject(failed);
});

test("a mesh that lists no service takes any name with the suffix, and is CLOSED for new ones after close", async () => {
  await using lab = await rig({ count: 1 });
  const registry = memoryRegistry();
  registry.set("payments", lab.endpoints.asEndpoints());
  const mesh = createMesh({ registry });
  expect(await (await mesh.fetch("http://payments.mesh/")).json()).toMatchObject({ endpoint: "endpoint-1" });
  await mesh.close();
  await expect(request("http://other.mesh/", { dispatcher: mesh.dispatcher })).rejects.toMatchObject({
    code: "CLOSED",
  });
  await expect(mesh.fetch("http://other.mesh/")).rejects.toMatchObject({ cause: { code: "CLOSED" } });
});

test("an answer that a retry replaced and that never ends holds nothing once the call is over", async () => {
  await using lab = await rig({ policy: { outliers: "off" } });
  const answer = { status: 503, body: "0123456789" };
  lab.endpoints.at(0).always({ kind: "stall", at: "inside-body", answer });
  const { statusCode, body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
  await body.dump();
  expect(statusCode).toBe(200);
  expect(lab.held()).toEqual({ calls: 0, pending: 0, connections: 1 });
  await lab.endpoints.at(0).allClosed();
});

test("an abort ends a body that is being sent", async () => {
  await using lab = await rig({ count: 1 });
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) yield Buffer.alloc(16_384);
  }
  const abort = new AbortController();
  const { dispatcher } = lab.mesh;
  // undici takes iterables; its types list Readable only.
  const body = endless() as unknown as string;
  const sent = request("http://orders/", { dispatcher, method: "POST", body, signal: abort.signal });
  const failed = expect(sent).rejects.toMatchObject({ name: "AbortError" });
  await lab.endpoints.at(0).connected();
  abort.abort();
  await failed;
  await lab.endpoints.at(0).allClosed();
  expect(lab.held()).toEqual(NOTHING);
});

// Run by undici-versions.test.ts in a process of its own: global dispatchers are one to a process. Runs on Node 22 as it
// is, which knows no `await using` yet.
import assert from "node:assert/strict";
// Importing node:http loads the undici built into Node 26, which sets itself as the global dispatcher: whoever sets one
// does so after that, or loses it to Node.
import "node:http";
import { fakeEndpoint } from "@weft/testkit";
import { NO_SUCH_NAME } from "../real/no-such-name.ts";

/** Both versions, as far as this goes. */
interface Version {
  readonly Agent: new () => { close(): Promise<void> };
  setGlobalDispatcher(dispatcher: object): void;
  getGlobalDispatcher(): unknown;
}

const stories: Record<string, () => Promise<void>> = {
  "importing and installing weft leaves a dispatcher that undici 6 had set in its place": async () =>
    keeps((await import("undici-v6")) as unknown as Version),
  "importing and installing weft leaves a dispatcher that undici 7 had set in its place": async () =>
    keeps((await import("undici-v7")) as unknown as Version),

  "install reaches the built-in fetch and undici 8, and disposing gives both back": async () => {
    const endpoint = await fakeEndpoint({ name: "orders-1" });
    const { createMesh } = await import("@weft/client");
    const { request } = await import("undici");
    const before = globalThis.fetch;
    const mesh = createMesh({ registry: { orders: [`127.0.0.1:${endpoint.port}`] } });
    const installed = mesh.install();
    assert.equal(((await (await fetch("http://orders/")).json()) as { endpoint: string }).endpoint, "orders-1");
    // The fetch from before, too: it asks for the global dispatcher at each call.
    assert.equal((await (await before("http://orders/")).text()).includes("orders-1"), true);
    assert.equal((await (await request("http://orders/")).body.text()).includes("orders-1"), true);
    installed[Symbol.dispose]();
    assert.equal(globalThis.fetch, before);
    await assert.rejects(fetch(`http://${NO_SUCH_NAME}/`));
    await assert.rejects(request(`http://${NO_SUCH_NAME}/`), { code: "ENOTFOUND" });
    await mesh.close();
    await endpoint.close();
  },
};

async function keeps({ Agent, setGlobalDispatcher, getGlobalDispatcher }: Version): Promise<void> {
  const own = new Agent();
  setGlobalDispatcher(own);
  const { createMesh } = await import("@weft/client");
  assert.equal(getGlobalDispatcher(), own, "importing weft replaced it");
  const mesh = createMesh({ registry: { orders: ["127.0.0.1:1"] } });
  mesh.install()[Symbol.dispose]();
  await mesh.close();
  assert.equal(getGlobalDispatcher(), own, "disposing did not give it back");
  await own.close();
}

const story = process.argv[2] ?? "";
const tell = stories[story];
if (tell === undefined) throw new Error(`no such story: ${story}`);
await tell();
console.log("as it should be");

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as undici6 from "undici-v6";
import * as undici7 from "undici-v7";
import * as undici8 from "undici";
import { describe, expect, test } from "vitest";
import { NOTHING, rig } from "./rig.ts";

const run = promisify(execFile);

/** As far as calls go, the same in each version; their types differ. */
interface Undici {
  request(url: string, options: object): Promise<{ statusCode: number; body: { json(): Promise<unknown> } }>;
  fetch(url: string, options: object): Promise<{ status: number; json(): Promise<unknown> }>;
}

const VERSIONS = [
  ["undici 6", undici6],
  ["undici 7", undici7],
  ["undici 8", undici8],
] as const;

describe("handler shapes of other undici versions", () => {
  test.each(VERSIONS)("%s: request and fetch settle through the mesh", async (_, version) => {
    await using lab = await rig();
    const { request, fetch } = version as unknown as Undici; // see there
    const { dispatcher } = lab.mesh;
    const answer = await request("http://orders/a", { dispatcher, method: "PUT", body: "two apples" });
    expect(await answer.body.json()).toMatchObject({ path: "/a", body: "two apples" });
    const response = await fetch("http://orders/b", { dispatcher, method: "PUT", body: "two apples" });
    expect(await response.json()).toMatchObject({ path: "/b", body: "two apples" });
    expect(await lab.closed()).toEqual(NOTHING);
  });

  test.each(VERSIONS)("%s: a failure is told, and an abort is heard", async (_, version) => {
    await using lab = await rig({ count: 1, policy: { retry: "off" } });
    const { request } = version as unknown as Undici;
    const { dispatcher } = lab.mesh;
    lab.endpoints.at(0).next({ kind: "reset", at: "request" });
    await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    lab.endpoints.at(0).always({ kind: "stall", at: "before-head" });
    const abort = new AbortController();
    const sent = request("http://orders/", { dispatcher, signal: abort.signal });
    await lab.endpoints.at(0).stalled();
    abort.abort();
    await expect(sent).rejects.toMatchObject({ name: "AbortError" });
    expect(lab.held()).toEqual(NOTHING);
  });

  test.each(VERSIONS)("%s: an unknown name and a closed mesh are told", async (_, version) => {
    await using lab = await rig();
    const { request } = version as unknown as Undici;
    const { dispatcher } = lab.mesh;
    await expect(request("http://odrers.mesh/", { dispatcher })).rejects.toMatchObject({ code: "UNKNOWN_SERVICE" });
    await lab.mesh.close();
    await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({ code: "CLOSED" });
  });
});

describe("two undici versions in one process", () => {
  // Global dispatchers are one to a process, so each story has a process of its own.
  test.each([
    "importing and installing weft leaves a dispatcher that undici 6 had set in its place",
    "importing and installing weft leaves a dispatcher that undici 7 had set in its place",
    "install reaches the built-in fetch and undici 8, and disposing gives both back",
  ])("%s", async (story) => {
    const child = fileURLToPath(new URL("global-dispatcher.ts", import.meta.url));
    const { stdout } = await run(process.execPath, ["--conditions=@weft/source", child, story]);
    expect(stdout.trim()).toBe("as it should be");
  });
});

import { describe, expect, onTestFinished, test } from "vitest";
import { call, portOf, sidecarRig } from "../sidecar/rig.ts";
import { testBrowser } from "../real/real-chromium.ts";
import { eventually, open, rowsOf } from "./stage.ts";

const real = testBrowser();

describe.skipIf(real.missing)(`the dashboard of a real sidecar${real.why}`, { timeout: 90_000 }, () => {
  test("shows its traffic, an ejection with its reason, and why a call went elsewhere", async () => {
    const rig = await sidecarRig({
      count: 2,
      policy: { outliers: { consecutiveFailures: 3, baseEjection: "60s" }, retry: { maxRetries: 1 } },
    });
    onTestFinished(() => rig[Symbol.asyncDispose]());
    const url = `http://127.0.0.1:${portOf(rig.sidecar, "admin")}/dashboard/`;
    const { page, wrongs } = await open(real.browser, url);
    await page.getByText("Endpoints of orders").waitFor();
    await eventually(() => rowsOf(page, "endpoints")).toHaveLength(2);
    for (let turn = 0; turn < 10; turn++) expect((await call(rig.port, "/")).status).toBe(200);
    await eventually(async () => (await rowsOf(page, "services"))[0]).toMatch(/^orders .* \d+\.\d 100 .* 2\/2$/);

    await rig.endpoints.all[0]?.close();
    for (let turn = 0; turn < 5; turn++) expect((await call(rig.port, "/")).status).toBe(200);
    await eventually(async () => (await rowsOf(page, "services"))[0]).toMatch(/^orders .*1 ejected.* 1\/2$/);
    await eventually(async () => (await rowsOf(page, "endpoints"))[0]).toMatch(
      /^endpoint-1 trial in \d+ s · 3 consecutive failures, the last: connect failures/,
    );

    await page.getByLabel("Failed or retried").check();
    await eventually(async () => (await rowsOf(page, "calls"))[0]).toMatch(/orders endpoint-2 200 2 /);
    await page.locator("#calls .row:not([hidden])").first().click();
    const record = page.locator("#record");
    await record.getByText(/^Attempt 1 at endpoint-1: could not connect/).waitFor();
    await record.getByText(/^Attempt 2 at endpoint-2: success/).waitFor();
    expect(wrongs).toEqual([]);
  });

  test("lists a request that went to no service, and says why", async () => {
    const rig = await sidecarRig({ outbound: { consul: false } });
    onTestFinished(() => rig[Symbol.asyncDispose]());
    await call(rig.port, "/", { host: "ordrs" });
    const url = `http://127.0.0.1:${portOf(rig.sidecar, "admin")}/dashboard/`;
    const { page, wrongs } = await open(real.browser, url);
    await page.getByLabel("All services").check();
    await page.getByRole("row", { name: "Call 1 to ordrs, refused" }).click();
    await page.locator("#record").getByText('no service is called "ordrs"; known: orders').waitFor();
    expect(wrongs).toEqual([]);
  });

  test("is served with what keeps strangers and scripts out", async () => {
    const rig = await sidecarRig();
    onTestFinished(() => rig[Symbol.asyncDispose]());
    const page = await rig.admin("/dashboard/");
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(page.body).not.toMatch(/<script(?![^>]*\ssrc=)|\son[a-z]+=|\sstyle=|https?:/);
    expect((await rig.admin("/dashboard")).headers.location).toBe("/dashboard/");
    for (const path of ["../package.json", "%2e%2e/package.json", "..%2fsrc/index.ts", "nothing.js", "types.d.ts"]) {
      expect((await rig.admin(`/dashboard/${path}`)).status).toBe(404);
    }
    const stranger = await call(portOf(rig.sidecar, "admin"), "/dashboard/", { host: "evil.example" });
    expect(stranger.status).toBe(421);
  });
});

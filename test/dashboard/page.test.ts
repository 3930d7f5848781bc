import { describe, expect, test } from "vitest";
import { testBrowser } from "../real/real-chromium.ts";
import { eventually, fakeAdmin, open, rowsOf } from "./stage.ts";

const real = testBrowser();

describe.skipIf(real.missing)(`the dashboard in Chromium${real.why}`, () => {
  test("shows services in trouble first, and each endpoint of the one that is chosen", async () => {
    const admin = await fakeAdmin((mesh) => {
      mesh.add("stock", 2, 50);
      mesh.eject(mesh.add("orders", 3, 300), 1, 20_000);
      mesh.add("search", 1, 0).discovery = { state: "stale", staleMs: 42_000, error: "ECONNREFUSED" };
    });
    const { page, wrongs } = await open(real.browser, admin.url);
    await page.getByText("Endpoints of orders").waitFor();
    expect((await rowsOf(page, "services")).map((row) => row.split(" ")[0])).toEqual(["orders", "search", "stock"]);
    await eventually(() => rowsOf(page, "endpoints")).toHaveLength(3);
    admin.mesh.pass(10_000);
    await eventually(async () => (await rowsOf(page, "services"))[0]).toMatch(
      /^orders 1 ejected 300 100 18 ms 95 ms 2\/3$/,
    );
    await eventually(async () => (await rowsOf(page, "services"))[1]).toMatch(/^search stale 4\d s 0/);
    const [first, second] = await rowsOf(page, "endpoints");
    expect(first).toMatch(/^orders-1 10\.0\.0\.1:9000 · eu-1a 1?\d\d 100 18 ms 25 ms 0$/);
    expect(second).toMatch(/^orders-2 trial in \d+ s · 5 consecutive failures, the last: 5xx answers/);
    expect(await page.getByRole("row", { name: "orders-2: ejected" }).count()).toBe(1);
    expect(wrongs).toEqual([]);
  });

  test("counts an ejection down between two answers", async () => {
    const admin = await fakeAdmin((mesh) => mesh.eject(mesh.add("orders", 2), 0, 9_000));
    const { page } = await open(real.browser, admin.url);
    const row = page.getByRole("row", { name: "orders-1: ejected" });
    await row.waitFor();
    admin.mood = { kind: "mute" };
    const leftSeconds = async (): Promise<number> => Number(/trial in ([\d.]+) s/.exec(await row.innerText())?.[1]);
    await eventually(leftSeconds).toBeLessThan(8);
    expect(await leftSeconds()).toBeGreaterThan(0);
  });

  test("what is looked at stands in the address, and a link shows somebody else the same", async () => {
    const admin = await fakeAdmin((mesh) => {
      mesh.add("orders", 3);
      mesh.eject(mesh.add("stock", 30), 20, 60_000);
      mesh.ended("stock", { failed: true, status: 503, error: "ALL_EJECTED" });
      mesh.ended("stock");
    });
    const { page } = await open(real.browser, admin.url);
    await page.locator("#services").getByText("stock", { exact: true }).click();
    await page.getByLabel("Out of traffic").check();
    await page.getByLabel("Failed or retried").check();
    await page.getByLabel("Find services").fill("st");
    await page.getByLabel("Order of services").selectOption("name");
    await eventually(() => page.url()).toContain("?service=stock&find=st&order=name&out&failed");
    const { page: other } = await open(real.browser, page.url());
    await eventually(() => rowsOf(other, "services")).toHaveLength(1);
    await eventually(async () => (await rowsOf(other, "endpoints"))[0]).toMatch(/^stock-21 /);
    await eventually(async () => (await rowsOf(other, "calls"))[0]).toContain("503 · ALL_EJECTED");
    await other.goto(admin.url);
    await page.goBack();
    expect(await page.getByLabel("Out of traffic").isChecked()).toBe(false);
  });

  test("asks for a call's record when it is opened, and only then; Escape closes it", async () => {
    const admin = await fakeAdmin((mesh) => {
      mesh.add("orders", 3);
      mesh.ended("orders", { attempts: 2, traceId: "0af7651916cd43dd8448eb211c80319c" });
      mesh.decisions = [
        {
          kind: "pick",
          afterMs: 0.1,
          endpoint: "orders-2",
          text: "attempt 1 goes to orders-2 (orders-2: load 14.41, 89 ms, 0 pending); 3 of 3 endpoints available",
          candidates: [{ endpoint: "orders-2", load: 14.41, latencyMs: 89, pending: 0, failures: 0, weight: 1 }],
        },
        {
          kind: "attempt",
          afterMs: 2,
          outcome: "connect",
          endpoint: "orders-2",
          text: "attempt 1 at orders-2: could not connect",
        },
      ];
    });
    const { page, wrongs } = await open(real.browser, admin.url);
    await page.getByRole("row", { name: "Call 1 to orders, tried again" }).waitFor();
    expect(admin.count("/explain")).toBe(0);
    await page.locator("#calls").press("Enter");
    const record = page.getByRole("complementary", { name: "Call 1 to orders" });
    await record.getByText("Attempt 1 at orders-2: could not connect").waitFor();
    const text = await record.innerText();
    expect(text).toContain("Attempt 1 goes to orders-2; 3 of 3 endpoints available");
    expect(text.replaceAll(/\s+/g, " ")).toContain("orders-2 14.41 89 ms 0 0 1");
    expect(text).toContain("0af7651916cd43dd8448eb211c80319c");
    expect(page.url()).toContain("call=orders%3A1");
    await page.keyboard.press("Escape");
    await record.waitFor({ state: "hidden" });
    expect(await page.locator(":focus").getAttribute("id")).toBe("calls");
    expect(admin.count("/explain")).toBe(1);
    expect(wrongs).toEqual([]);
  });

  test("holds the calls still while one points at them", async () => {
    const admin = await fakeAdmin((mesh) => {
      mesh.add("orders", 3);
      mesh.ended("orders");
    });
    const { page } = await open(real.browser, admin.url);
    await eventually(() => rowsOf(page, "calls")).toHaveLength(1);
    await page.locator("#calls .row:not([hidden])").hover();
    admin.mesh.ended("orders", { endpoint: "orders-2" });
    await page.getByText("to orders, 1 newer held back").waitFor();
    expect(await rowsOf(page, "calls")).toHaveLength(1);
    await page.mouse.move(5, 5);
    await eventually(async () => (await rowsOf(page, "calls"))[0]).toContain("orders-2");
  });

  test("takes names for text, whatever they are", async () => {
    const name = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
    const admin = await fakeAdmin((mesh) => {
      const service = mesh.add(name, 2);
      mesh.eject(service, 0, 10_000);
      service.discovery = { state: "stale", staleMs: 1, error: name };
      mesh.add(`"><b>`, 1);
      mesh.add("\u202Eevil\u0000../..?a=b&c#d%", 1);
      mesh.process.service = name;
      mesh.refused = name;
      mesh.ended(name, { endpoint: name, error: name });
      mesh.decisions = [{ kind: "attempt", text: name, outcome: name, endpoint: name }];
    });
    const { page, wrongs } = await open(real.browser, admin.url);
    await page.locator("#services").getByText(name, { exact: true }).click();
    await eventually(() => rowsOf(page, "endpoints")).toHaveLength(2);
    await page.locator("#calls .row:not([hidden])").first().click();
    await page.locator("#record").getByText(name).first().waitFor();
    await page.locator("#services").locator(".name", { hasText: "evil" }).click();
    await eventually(() => rowsOf(page, "endpoints")).toHaveLength(1);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(await page.locator("main img, main b, main script, aside img, aside script").count()).toBe(0);
    expect(wrongs).toEqual([]);
  });

  test("of 5,000 endpoints asks for and holds what is in sight", { timeout: 60_000 }, async () => {
    const admin = await fakeAdmin((mesh) => {
      for (let at = 0; at < 199; at++) mesh.add(`service-${String(at).padStart(3, "0")}`, 10, at);
      mesh.add("huge", 3_010, 5_000);
    });
    const { page, wrongs } = await open(real.browser, `${admin.url}?service=huge`);
    await eventually(() => rowsOf(page, "endpoints")).not.toHaveLength(0);
    const elements = (): Promise<number> => page.evaluate("document.querySelectorAll('*').length");
    expect(await elements()).toBeLessThan(1_500);
    await page.locator("#endpoints").focus();
    await page.keyboard.press("End");
    await page.getByText("huge-3010", { exact: true }).waitFor();
    await page.locator("#services").focus();
    await page.keyboard.press("End");
    await page.locator("#services").getByText("service-198", { exact: true }).waitFor();
    for (let turn = 0; turn < 20; turn++) await page.locator("#endpoints").press(turn % 2 === 0 ? "Home" : "End");
    await page.getByText("huge-3010", { exact: true }).waitFor();
    expect(await elements()).toBeLessThan(1_500);
    expect(admin.mostAtOnce).toBe(1);
    for (const path of admin.asked.filter((one) => one.startsWith("/services/"))) {
      expect(Number(new URL(path, admin.url).searchParams.get("limit"))).toBeLessThanOrEqual(120);
    }
    expect(wrongs).toEqual([]);
  });

  test("draws 5,000 endpoints anew in less than a frame of a slow screen", async () => {
    const admin = await fakeAdmin((mesh) => {
      for (let at = 0; at < 200; at++) mesh.add(`service-${at}`, 25, at);
    });
    const { page } = await open(real.browser, admin.url);
    await eventually(() => rowsOf(page, "endpoints")).not.toHaveLength(0);
    // The median of what one scroll step costs the page, all drawing and laying out included. In ms.
    const stepMs: number = await page.evaluate(`(async () => {
      const list = document.querySelector("#services");
      if (list === null) throw new Error("no list");
      const tookMs = [];
      for (let at = 0; at < 60; at++) {
        const began = performance.now();
        list.scrollTop = at * 120;
        list.dispatchEvent(new Event("scroll"));
        list.getBoundingClientRect();
        tookMs.push(performance.now() - began);
        await new Promise(requestAnimationFrame);
      }
      return tookMs.toSorted((a, b) => a - b)[30] ?? 0;
    })()`);
    expect(stepMs).toBeLessThan(33);
  });

  test("is light or dark as the system is, or as one chooses", async () => {
    const admin = await fakeAdmin((mesh) => mesh.add("orders", 1));
    const ground = (page: Awaited<ReturnType<typeof open>>["page"]): Promise<string> =>
      page.evaluate("getComputedStyle(document.body).backgroundColor");
    const { page: light } = await open(real.browser, admin.url, { colorScheme: "light" });
    const { page: dark } = await open(real.browser, admin.url, { colorScheme: "dark" });
    const [white, black] = [await ground(light), await ground(dark)];
    expect(white).not.toBe(black);
    await light.getByRole("button", { name: "Theme" }).click();
    await light.getByRole("button", { name: "Theme: light" }).click();
    expect(await ground(light)).toBe(black);
    await light.reload();
    expect(await ground(light)).toBe(black);
  });
});

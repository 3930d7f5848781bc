import axe from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { testBrowser } from "../real/real-chromium.ts";
import type { FakeMesh } from "./fake-mesh.ts";
import { eventually, fakeAdmin, open, rowsOf } from "./stage.ts";

const real = testBrowser();

/** Everything that has a look of its own. */
function everything(mesh: FakeMesh): void {
  const orders = mesh.add("orders", 40, 300);
  mesh.eject(orders, 1, 60_000);
  mesh.add("payments", 2).breaker = { state: "open", nextTrialMs: 4_000 };
  mesh.add("search", 2).discovery = { state: "stale", staleMs: 42_000, error: "ECONNREFUSED" };
  mesh.add("idle", 1, 0);
  mesh.refused = "policy.yaml:4: wrong";
  for (let at = 0; at < 40; at++) mesh.ended("orders", at % 3 === 0 ? { failed: true, status: 503, attempts: 2 } : {});
  mesh.decisions = [
    { kind: "attempt", outcome: "connect", afterMs: 1, text: "attempt 1 at orders-2: could not connect" },
  ];
}

/** What axe-core finds wrong, a line each. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(`axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => id + " at " + target + ": " + failureSummary)))`);
}

describe.skipIf(real.missing)(`everybody can use the dashboard${real.why}`, { timeout: 90_000 }, () => {
  test.each([
    { look: "light", colorScheme: "light", width: 1_400, search: "?service=orders" },
    { look: "dark", colorScheme: "dark", width: 1_400, search: "?service=orders" },
    { look: "narrow", colorScheme: "light", width: 400, search: "?service=orders" },
    { look: "dark with a record open", colorScheme: "dark", width: 1_400, search: "?service=orders&call=orders:1" },
    { look: "light with a record open", colorScheme: "light", width: 1_400, search: "?service=orders&call=orders:1" },
  ] as const)("axe-core finds nothing wrong: $look", async ({ colorScheme, width, search }) => {
    const admin = await fakeAdmin(everything);
    const { page } = await open(real.browser, `${admin.url}${search}`, {
      colorScheme,
      viewport: { width, height: 900 },
    });
    await eventually(() => rowsOf(page, "calls")).not.toHaveLength(0);
    if (search.includes("call")) await page.getByText("could not connect").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("axe-core finds nothing wrong with the last picture of a sidecar that died, and with the list of keys", async () => {
    const admin = await fakeAdmin(everything);
    const { page } = await open(real.browser, `${admin.url}?service=orders`);
    await eventually(() => rowsOf(page, "calls")).not.toHaveLength(0);
    await admin.stop();
    await page.getByRole("alert").getByText("No answer").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("everything is reached by the tab key, and seen to be", async () => {
    const admin = await fakeAdmin(everything);
    const { page } = await open(real.browser, `${admin.url}?service=orders`);
    await eventually(() => rowsOf(page, "calls")).not.toHaveLength(0);
    const reached: string[] = [];
    for (let turn = 0; turn < 30; turn++) {
      await page.keyboard.press("Tab");
      const [name, outlined]: [string, boolean] = await page.evaluate(`(() => {
        const at = document.activeElement;
        const ring = (one) => one !== null && getComputedStyle(one).outlineStyle !== "none";
        return [at.id || at.tagName, ring(at) || ring(at.closest(".list"))];
      })()`);
      if (name === "BODY") break;
      reached.push(name);
      expect(`${name} ${outlined}`).toBe(`${name} true`);
    }
    const wanted = [
      "pause",
      "theme",
      "help",
      "find",
      "order",
      "services",
      "like",
      "out",
      "endpoints",
      "guards",
      "all",
      "failed",
      "calls",
    ];
    expect(reached.filter((name) => wanted.includes(name))).toEqual(wanted);
  });

  test("one gets around by keys alone", async () => {
    const admin = await fakeAdmin(everything);
    const { page } = await open(real.browser, `${admin.url}?service=orders`);
    await eventually(() => rowsOf(page, "calls")).not.toHaveLength(0);
    const focused = (): Promise<string> => page.evaluate("document.activeElement.id");
    await page.keyboard.press("/");
    await page.keyboard.type("ord");
    await eventually(() => rowsOf(page, "services")).toHaveLength(1);
    await page.keyboard.press("Escape");
    await page.keyboard.press("s");
    await page.keyboard.press("Enter");
    await page.getByText("Endpoints of orders").waitFor();
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toBe("endpoints");
    await page.keyboard.press("End");
    await page.getByText("orders-40", { exact: true }).waitFor();
    const active = await page.locator("#endpoints").getAttribute("aria-activedescendant");
    expect(await page.locator(`[id="${active}"]`).getAttribute("aria-label")).toMatch(/^orders-40: /);
    await page.keyboard.press("o");
    await eventually(() => rowsOf(page, "endpoints")).toHaveLength(1);
    await page.keyboard.press("c");
    await page.keyboard.press("f");
    await eventually(() => rowsOf(page, "calls")).not.toHaveLength(0);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByText("could not connect").waitFor();
    await page.keyboard.press("Escape");
    expect(await focused()).toBe("calls");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor({ state: "hidden" });
    expect(page.url()).toContain("service=orders&find=ord&out&failed");
  });

  test("state is told without colours as well: each has a shape and a word", async () => {
    const admin = await fakeAdmin(everything);
    const { page } = await open(real.browser, `${admin.url}?service=orders`);
    await eventually(() => rowsOf(page, "endpoints")).not.toHaveLength(0);
    const shapes: string[] = await page.evaluate(
      `[...document.querySelectorAll("#services .row:not([hidden])")].map((row) => row.dataset.is + " " + row.querySelector("path").getAttribute("d"))`,
    );
    const kinds = new Map(shapes.map((one) => [one.split(" ")[0], one]));
    expect(new Set([...kinds.values()].map((one) => one.slice(one.indexOf(" ")))).size).toBe(kinds.size);
    expect(await page.getByRole("row", { name: "payments: circuit open" }).count()).toBe(1);
  });
});

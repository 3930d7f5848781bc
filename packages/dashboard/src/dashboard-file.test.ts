import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { DASHBOARD_HEADERS, dashboardFile } from "./dashboard-file.ts";

const pages = readdirSync(new URL("../pages/", import.meta.url), { recursive: true, encoding: "utf8" });

test("the page itself is had by its folder and by its name", () => {
  expect(dashboardFile("")).toBe(dashboardFile("index.html"));
  expect(dashboardFile("")).toMatchObject({ type: "text/html; charset=utf-8" });
});

test.each(pages.filter((name) => /\.(css|js|svg|html)$/.test(name)))("%s is served", (name) => {
  expect(dashboardFile(name)?.text.length).toBeGreaterThan(50);
});

test.each([
  "types.d.ts",
  "..",
  "../package.json",
  "style",
  "style/",
  "/etc/passwd",
  "index.html/",
  "constructor",
  "\0",
])("%j is not", (name) => expect(dashboardFile(name)).toBeUndefined());

test("every module that a module imports, and every file that the page names, is there", () => {
  for (const name of pages.filter((one) => /\.(js|html)$/.test(one))) {
    const text = dashboardFile(name)?.text ?? "";
    for (const [, path = ""] of text.matchAll(/(?:^import .* from|(?:src|href)=) ?"(?:\.\/)?([^"]+)"/gm)) {
      expect(dashboardFile(path), `${name} names ${path}`).toBeDefined();
    }
  }
});

test("the pages turn no text into elements, and no file says where else to go", () => {
  for (const name of pages.filter((one) => one.endsWith(".js"))) {
    expect(dashboardFile(name)?.text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/);
  }
  expect(DASHBOARD_HEADERS["Content-Security-Policy"]).toContain("require-trusted-types-for 'script'");
});

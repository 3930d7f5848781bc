import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { FakeAdmin } from "./fake-admin.ts";

/** A page with the dashboard open, and what it did that it must not. */
export interface Opened {
  readonly page: Page;
  /** Errors, refused by the content security policy, and requests to elsewhere: empty at the end of every test. */
  readonly wrongs: string[];
}

/** Opens the dashboard in a browser that has never seen it; all of it goes with the test. */
export async function open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1_400, height: 900 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const wrongs: string[] = [];
  page.on("pageerror", (error) => wrongs.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // A server that is away is what some tests are about; the browser has its own words for that.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      wrongs.push(message.text());
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) wrongs.push(`asked ${request.url()}`);
  });
  await page.goto(url);
  return { page, wrongs };
}

/** An admin API that the test may spoil; it ends with the test. */
export async function fakeAdmin(fill: (mesh: FakeAdmin["mesh"]) => void): Promise<FakeAdmin> {
  const admin = new FakeAdmin();
  fill(admin.mesh);
  await admin.start();
  onTestFinished(() => admin.stop());
  return admin;
}

/** The words in the rows of a list that are in sight, a line each. */
export function rowsOf(page: Page, list: "services" | "endpoints" | "calls"): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll("#${list} .row:not([hidden])")]
    .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
    .map((row) => row.innerText.replaceAll(/\\s+/g, " ").trim())`);
}

/** What comes to be so, however busy the machine is. */
export function eventually<Value>(read: () => Value | Promise<Value>): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(read, { timeout: 50_000, interval: 50 });
}

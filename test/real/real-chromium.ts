import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { cachedTool, type CachedTool } from "./cached-tool.ts";

/** A browser for the tests of a file, started before the first of them and closed behind the last. */
export interface TestBrowser {
  readonly missing: boolean;
  /** For titles: why tests are skipped, in brackets; "": they are not. */
  readonly why: string;
  /** Within a test. */
  readonly browser: Browser;
}

/**
 * Finds a Chromium, and starts it for the tests of this file.
 *
 * @throws Error when there is none and env `REQUIRE_REAL` is 1
 */
export function testBrowser(): TestBrowser {
  const real = realChromium();
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (real.kind === "found") browser = await startChromium(real.path);
  });
  afterAll(() => browser?.close());
  return {
    missing: real.kind === "missing",
    why: real.kind === "missing" ? ` (${real.skip})` : "",
    get browser() {
      if (browser === undefined) throw new Error("no browser runs: it does so within tests that are not skipped");
      return browser;
    },
  };
}

/** Env `WEFT_CHROMIUM`, else the one that `.ci/chromium` unpacked. */
function realChromium(): CachedTool {
  const own = process.env["WEFT_CHROMIUM"];
  if (own !== undefined && existsSync(own)) return { kind: "found", path: own };
  return cachedTool("chromium/chromium", ".ci/chromium");
}

/** Starts it without a window. Its sandbox needs rights that root in a container does not have; it sees our pages alone. */
function startChromium(path: string): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions"],
  });
}

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { cachedTool, type CachedTool } from "../real/cached-tool.ts";

/**
 * Finds a Chromium: env `WEFT_CHROMIUM`, else the one that `.ci/chromium` unpacked.
 *
 * @throws Error when there is none and env `REQUIRE_REAL` is 1
 */
export function realChromium(): CachedTool {
  const own = process.env["WEFT_CHROMIUM"];
  if (own !== undefined && existsSync(own)) return { kind: "found", path: own };
  return cachedTool("chromium/chromium", ".ci/chromium");
}

/** Starts it without a window. Its sandbox needs rights that root in a container does not have; it sees our pages alone. */
export function startChromium(path: string): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions"],
  });
}

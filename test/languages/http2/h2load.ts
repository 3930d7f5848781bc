import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { cachedTool, type CachedTool } from "../../real/cached-tool.ts";

const PEERS = join(import.meta.dirname, "..", "..", "..", ".cache", "peers", "root");
const installed = spawnSync("h2load", ["--version"], { stdio: "ignore" }).status === 0;

/** nghttp2's load client: the machine's own, else the one that `.ci/peers` unpacked. */
export const H2LOAD: CachedTool = installed
  ? { kind: "found", path: "h2load" }
  : cachedTool("peers/root/usr/bin/h2load", ".ci/peers h2load");

/** The unpacked one finds its unpacked libraries by it. */
export const H2LOAD_ENV: NodeJS.ProcessEnv = installed
  ? {}
  : { LD_LIBRARY_PATH: globSync(join(PEERS, "usr/lib/*-linux-gnu")).join(":") };

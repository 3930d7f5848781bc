import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { MODES, sendsHttp2 } from "../mode.ts";
import type { Peer, Setup } from "../scenario.ts";

const BIN = join(import.meta.dirname, "..", "..", "..", "..", "packages", "cli", "bin", "weft.js");

/** Our sidecar as built, with the defaults of its command line. */
export const weft: Peer = {
  name: "weft",
  modes: MODES,
  launch(setup) {
    if (!existsSync(join(BIN, "..", "..", "dist", "bundle", "index.js"))) return "not built: run `npm run build` first";
    return { command: execPath, args: [BIN, "sidecar", ...flags(setup)] };
  },
};

/** A proxy by its command. `{listen}` and `{upstream}` in it become addresses; without them it gets weft's flags. */
export function commandPeer(name: string, command: string): Peer {
  return {
    name,
    modes: MODES,
    launch(setup) {
      const { listen, upstream } = addresses(setup);
      const line = /\{(listen|upstream)\}/.test(command)
        ? command.replaceAll("{listen}", listen).replaceAll("{upstream}", upstream)
        : [command, ...flags(setup)].join(" ");
      return { command: "sh", args: ["-c", `exec ${line}`] }; // exec: the pid is the proxy's
    },
  };
}

function flags(setup: Setup): string[] {
  const { listen, upstream } = addresses(setup);
  if (setup.calls !== undefined) return [policyFile(setup, setup.calls)];
  return [
    "--listen",
    listen,
    "--upstream",
    upstream,
    ...(setup.mode === "tcp" ? ["--protocol", "tcp"] : []),
    ...(sendsHttp2(setup.mode) ? ["--upstream-protocol", "http2"] : []),
  ];
}

/** Limits have no option of their own. */
function policyFile(setup: Setup, calls: number): string {
  const { listen, upstream } = addresses(setup);
  const upstreams = {
    discover: { static: upstream.split(",") },
    protocol: sendsHttp2(setup.mode) ? "http2" : "auto",
    limits: { calls, callsPerEndpoint: calls },
  };
  const sidecar = { outbound: { listen, service: "upstream" } };
  const file = join(setup.folder, "weft.json");
  writeFileSync(file, JSON.stringify({ version: 1, services: { upstream: upstreams }, sidecar }));
  return file;
}

function addresses({ listen, upstreams }: Setup): { listen: string; upstream: string } {
  return { listen: `127.0.0.1:${listen}`, upstream: upstreams.map((port) => `127.0.0.1:${port}`).join(",") };
}

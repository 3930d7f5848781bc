import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MODES, sendsHttp2, takesHttp2 } from "../mode.ts";
import type { Peer, Setup } from "../scenario.ts";

/** The measure of all others. Callers share its idle connections upstream, as those of weft, Envoy and nginx do. */
export const haproxy: Peer = haproxyWith("haproxy", "always");

/** A second copy of the same: how far it is from the first one is the noise of the run. */
export const haproxyAgain: Peer = haproxyWith("haproxy-again", "always");

/**
 * HAProxy as it comes: the first request of each caller's connection gets a new connection upstream, because only a
 * later one is safe to fail. It makes a difference where callers close.
 */
export const haproxySafe: Peer = haproxyWith("haproxy-safe", "safe");

function haproxyWith(name: string, reuse: "always" | "safe"): Peer {
  return {
    name,
    modes: MODES,
    launch(setup) {
      const command = setup.tools.path("haproxy");
      if (command === undefined) return "not on this machine";
      const file = join(setup.folder, "haproxy.cfg");
      writeFileSync(file, configuration(setup, reuse));
      return { command, args: ["-q", "-db", "-f", file], env: setup.tools.env };
    },
  };
}

function configuration({ mode, listen, upstreams }: Setup, reuse: string): string {
  return `
global
  nbthread 1                  # one worker, as all here
  maxconn 12000               # 10,000 idle connections and some
  no strict-limits            # it would want two descriptors for each of them
defaults
  mode ${mode === "tcp" ? "tcp" : "http"}
  timeout connect 1s
  timeout client 5m           # the same idle limits as weft
  timeout server 5m
  timeout tunnel 1h
  retries 1
${mode === "tcp" ? "" : `  http-reuse ${reuse}\n`}
listen bench                  # no log line: access logs are off everywhere; nodelay is its default
  bind 127.0.0.1:${listen} backlog 4096${takesHttp2(mode) ? " proto h2" : ""}
  balance random              # the better of two drawn, as weft, Envoy and nginx here
${upstreams.map((port, i) => `  server e${i} 127.0.0.1:${port}${sendsHttp2(mode) ? " proto h2" : ""}`).join("\n")}
`;
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Where a real Consul lies: WEFT_CONSUL, or the git-ignored cache of this repository; undefined when in neither. */
export function findConsul(): string | undefined {
  const root = new URL("../../../", import.meta.url).pathname;
  const places = [
    process.env["WEFT_CONSUL"],
    `${root}.cache/consul/consul`,
    `${root}.cache/consul-1.8.7/usr/bin/consul`,
  ];
  return places.find((place) => place !== undefined && existsSync(place));
}

/** Starts a real agent in dev mode on free loopback ports, ready when it has a leader and knows itself. */
export async function startConsul(binary: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const [http, server, lan, wan] = await freePorts(4);
  const ports = `ports { dns = -1 grpc = -1 https = -1 server = ${server} serf_lan = ${lan} serf_wan = ${wan} }`;
  const child = spawn(
    binary,
    ["agent", "-dev", "-bind", "127.0.0.1", "-node", "dev", "-http-port", String(http), "-hcl", ports],
    { stdio: "ignore" },
  );
  const ended = once(child, "exit");
  const url = `http://127.0.0.1:${http}`;
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  for (let tries = 0; tries < 150; tries++) {
    const nodes = await fetch(`${url}/v1/health/service/consul?passing`).then(
      (response) => response.text(),
      () => "",
    );
    if (nodes.includes("serfHealth")) return { url, close };
    await sleep(100); // another process is starting: there is no event to wait for
  }
  await close();
  throw new Error(`${binary} had no leader within 15 s`);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

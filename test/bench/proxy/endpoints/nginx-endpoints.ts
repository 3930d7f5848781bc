import { mkdirSync, openSync, closeSync, ftruncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../../../real/free-ports.ts";
import { type Mode, sendsHttp2 } from "../mode.ts";
import { startServer } from "../processes.ts";
import type { Bench, Endpoints } from "../scenario.ts";

const KIB = 1024;
const SIZES = {
  "1k": KIB,
  "100k": 100 * KIB,
  "1m": KIB * KIB,
  "10m": 10 * KIB * KIB,
  "100m": 100 * KIB * KIB,
  "1g": KIB * KIB * KIB,
};

/**
 * Three endpoints: one nginx of one process that listens on three ports, because six processes on two cores would
 * measure the scheduler. `/1k`, `/100k`, `/1m`, `/10m`, `/100m`, `/1g` are files of that size; `POST /post` takes any
 * body. A fourth port tells how many requests have come.
 *
 * @param mode says which protocol the endpoints speak
 */
export async function nginxEndpoints({ tools, folder }: Bench, mode: Mode = "http"): Promise<Endpoints> {
  const nginx = tools.path("nginx");
  if (nginx === undefined) throw new Error("nginx is needed as the endpoints");
  const [status = 0, ...ports] = await freePorts(4);
  const home = join(folder, "endpoints");
  mkdirSync(join(home, "www"), { recursive: true });
  for (const [name, bytes] of Object.entries(SIZES)) {
    const file = openSync(join(home, "www", name), "w");
    ftruncateSync(file, bytes); // A hole: no disk is used or read.
    closeSync(file);
  }
  writeFileSync(join(home, "nginx.conf"), configuration(home, ports, status, sendsHttp2(mode) ? " http2" : ""));
  const args = ["-p", home, "-e", "stderr", "-c", join(home, "nginx.conf")];
  const running = await startServer({ command: nginx, args, env: tools.env }, ports[0]!);
  let asked = 0;
  return {
    ports,
    pid: running.pid,
    stop: running.stop,
    async requests() {
      const text = await (await fetch(`http://127.0.0.1:${status}/`)).text();
      const [, count] = /^ \d+ \d+ (\d+)/m.exec(text) ?? [];
      return Number(count) - ++asked; // it counts the questions as well
    },
  };
}

function configuration(home: string, ports: readonly number[], status: number, http2: string): string {
  return `
daemon off;
master_process off;                   # one process
pid nginx.pid;
error_log stderr crit;
events { worker_connections 16384; }  # 1,000 stalled readers times the connections of a pool
http {
  access_log off;
  sendfile on;
  keepalive_requests 1000000000;      # an endpoint that closes would measure connects
  keepalive_timeout 1h;
  client_header_buffer_size 16k;      # head and body of POST 4 KiB in one read
  client_max_body_size 0;
  open_file_cache max=16;
  default_type application/octet-stream;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${home}/${name};`).join("\n  ")}
  server {
    ${ports.map((port) => `listen 127.0.0.1:${port} backlog=4096${http2};`).join("\n    ")}
    root ${home}/www;
    location = /post { return 200 "accepted\\n"; }
  }
  server {
    listen 127.0.0.1:${status};
    location = / { stub_status; }
  }
}
`;
}

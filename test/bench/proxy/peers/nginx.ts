import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takesHttp2 } from "../mode.ts";
import type { Peer, Setup } from "../scenario.ts";

/** nginx as a proxy. Debian's has no TCP module built in, and none proxies to HTTP/2 (but to gRPC alone). */
export const nginx: Peer = {
  name: "nginx",
  modes: ["http", "upgrade", "http2-to-http1"],
  launch(setup) {
    const command = setup.tools.path("nginx");
    if (command === undefined) return "not on this machine";
    const file = join(setup.folder, "nginx.conf");
    mkdirSync(join(setup.folder, "temporary"), { recursive: true });
    writeFileSync(file, configuration(setup));
    return { command, args: ["-p", setup.folder, "-e", "stderr", "-c", file], env: setup.tools.env };
  },
};

function configuration({ mode, listen, upstreams, folder }: Setup): string {
  const upgrade = mode === "upgrade";
  return `
daemon off;
master_process off;                   # one process
pid nginx.pid;
error_log stderr crit;
events { worker_connections 24000; }  # 10,000 idle callers and what 1,000 others need upstream
http {
  access_log off;                     # off everywhere
  keepalive_requests 1000000000;      # the others do not count requests of a connection either
  keepalive_timeout 1h;
  client_max_body_size 0;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/temporary/${name};`).join("\n  ")}
  ${upgrade ? "map $http_upgrade $connection_field { default upgrade; '' ''; }" : ""}
  upstream endpoints {
    ${upstreams.map((port) => `server 127.0.0.1:${port};`).join("\n    ")}
    random two least_conn;            # the better of two drawn, as the others here
    keepalive 256;                    # without it each request would open a connection
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${listen} backlog=4096${takesHttp2(mode) ? " http2" : ""};
    location / {
      proxy_pass http://endpoints;
      proxy_http_version 1.1;         # 1.0, its default, has no keep-alive
      proxy_set_header Connection ${upgrade ? "$connection_field" : '""'};
      ${upgrade ? "proxy_set_header Upgrade $http_upgrade;" : ""}
      proxy_set_header Host $http_host;
      proxy_request_buffering off;    # the others stream request bodies
      proxy_read_timeout 5m;
    }
  }
}
`;
}

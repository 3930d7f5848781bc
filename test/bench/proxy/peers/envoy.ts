import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Mode, MODES, sendsHttp2, takesHttp2 } from "../mode.ts";
import type { Peer, Setup } from "../scenario.ts";

/** Envoy with one worker. Its access log is off by default, nodelay on; request ids and counters stay on as they are. */
export const envoy: Peer = {
  name: "envoy",
  modes: MODES,
  launch(setup) {
    const command = setup.tools.path("envoy");
    if (command === undefined) return "not on this machine";
    const file = join(setup.folder, "envoy.json");
    writeFileSync(file, JSON.stringify(bootstrap(setup), undefined, 2));
    const args = ["-c", file, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"];
    return { command, args, env: setup.tools.env };
  },
};

function bootstrap({ mode, listen, upstreams }: Setup): unknown {
  const filter = mode === "tcp" ? tcpProxy() : httpConnectionManager(mode);
  // Its limits are 1,024 by default: 1,000 stalled readers should meet none of them, as in the other proxies.
  const limit = { max_connections: 20_000, max_pending_requests: 20_000, max_requests: 20_000 };
  return {
    static_resources: {
      listeners: [
        { name: "bench", address: address(listen), tcp_backlog_size: 4096, filter_chains: [{ filters: [filter] }] },
      ],
      clusters: [
        {
          name: "endpoints",
          type: "STATIC",
          connect_timeout: "1s",
          lb_policy: "LEAST_REQUEST", // the better of two drawn
          outlier_detection: {}, // weft ejects by default as well
          circuit_breakers: { thresholds: [limit] },
          ...(sendsHttp2(mode) ? { typed_extension_protocol_options: { [PROTOCOL]: http2Upstream() } } : {}),
          load_assignment: {
            cluster_name: "endpoints",
            endpoints: [{ lb_endpoints: upstreams.map((port) => ({ endpoint: { address: address(port) } })) }],
          },
        },
      ],
    },
  };
}

function httpConnectionManager(mode: Mode): unknown {
  return {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
      stat_prefix: "bench",
      codec_type: takesHttp2(mode) ? "HTTP2" : "HTTP1", // nothing to detect
      ...(mode === "upgrade" ? { upgrade_configs: [{ upgrade_type: "websocket" }] } : {}),
      route_config: {
        virtual_hosts: [
          {
            name: "all",
            domains: ["*"],
            // No time limit for whole answers: stalled readers and transfers of a GiB are measured here.
            routes: [{ match: { prefix: "/" }, route: { cluster: "endpoints", timeout: "0s" } }],
          },
        ],
      },
      http_filters: [
        {
          name: "envoy.filters.http.router",
          typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
        },
      ],
    },
  };
}

const PROTOCOL = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

function http2Upstream(): unknown {
  return {
    "@type": `type.googleapis.com/${PROTOCOL}`,
    explicit_http_config: { http2_protocol_options: {} },
  };
}

function tcpProxy(): unknown {
  return {
    name: "envoy.filters.network.tcp_proxy",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
      stat_prefix: "bench",
      cluster: "endpoints",
    },
  };
}

function address(port: number): unknown {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}

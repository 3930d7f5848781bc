import type { Peer } from "./scenario.ts";
import { envoy } from "./peers/envoy.ts";
import { haproxy, haproxyAgain } from "./peers/haproxy.ts";
import { nginx } from "./peers/nginx.ts";
import { nodePeer } from "./peers/node-program.ts";
import { weft } from "./peers/weft.ts";

/** Every proxy, in the order of the tables. */
export const PEERS: readonly Peer[] = [
  haproxy,
  nginx,
  envoy,
  nodePeer("node-http", "node-http-proxy.ts", ["http"]),
  nodePeer("echo", "echo-proxy.ts", ["http", "upgrade", "tcp", "http2"]),
  haproxyAgain,
  weft,
];

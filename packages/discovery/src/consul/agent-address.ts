import { MeshError } from "@weft/core";
import type { Consul } from "./consul-client.ts";
import { settingsOf } from "./consul-client.ts";

/** How to reach one Consul agent. */
export interface AgentAddress {
  /** For people and for keys; without credentials. */
  readonly label: string;
  /** `http://127.0.0.1:8500`: scheme, host, port. */
  readonly origin: string;
  /** What stands before `/v1`: empty, or `/consul` behind a proxy. */
  readonly prefix: string;
  readonly socketPath?: string;
  readonly tls?: AgentTls;
  /** `Authorization` of a proxy in front, from a user and password in the URL. */
  readonly authorization?: string;
}

/** Certificates in PEM, as `node:tls` takes them. */
export interface AgentTls {
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** The name that the agent's certificate must carry. Default: the host of the URL. */
  readonly servername?: string;
  /** False accepts any certificate: for experiments only. Default true. */
  readonly rejectUnauthorized?: boolean;
}

/** Where the agent is: by its URL, or by a client of the npm package `consul` that is there already. */
export interface AgentOptions {
  /** `http://`, `https://` or `unix:///path`. Default `http://127.0.0.1:8500` (Consul). Ignored when `consul` is given. */
  readonly url?: string;
  readonly tls?: AgentTls;
  /** An instance of `consul` whose address, token and TLS settings are used. */
  readonly consul?: Consul;
}

/** @throws MeshError BAD_CONFIG for a URL of another kind, naming it and what is allowed */
export function agentAddress(options: AgentOptions): AgentAddress {
  if (options.consul !== undefined) return addressOfClient(options.consul);
  const url = options.url ?? "http://127.0.0.1:8500";
  const tls = options.tls === undefined ? {} : { tls: options.tls };
  if (url.startsWith("unix://")) {
    const socketPath = url.slice("unix://".length);
    if (!socketPath.startsWith("/")) throw wrong(url, "unix:// must be followed by an absolute path");
    return { label: url, origin: "http://localhost", prefix: "", socketPath };
  }
  if (!URL.canParse(url)) throw wrong(url, "it is no URL");
  const { protocol, origin, pathname, username, password, search } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") throw wrong(url, "http, https or unix is allowed");
  if (search !== "") throw wrong(origin, "a query is not allowed");
  const prefix = pathname.replace(/\/(?:v1\/?)?$/, "");
  return { label: origin + prefix, origin, prefix, ...tls, ...basic(username, password) };
}

function addressOfClient(consul: Consul): AgentAddress {
  const { protocol, host, port, path, auth, agent } = settingsOf(consul);
  const origin = new URL(`${protocol}//${host}${port === "" ? "" : `:${port}`}`).origin;
  const prefix = path.replace(/\/v1$/, "");
  const [user = "", ...rest] = auth.split(":");
  return {
    label: agent.socketPath === undefined ? origin + prefix : `unix://${agent.socketPath}`,
    origin,
    prefix,
    ...(agent.socketPath === undefined ? {} : { socketPath: agent.socketPath }),
    ...(protocol === "https:" ? { tls: agent.tls } : {}),
    ...basic(encodeURIComponent(user), encodeURIComponent(rest.join(":"))),
  };
}

function basic(user: string, password: string): { authorization?: string } {
  if (user === "" && password === "") return {};
  const pair = `${decodeURIComponent(user)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function wrong(url: string, allowed: string): MeshError {
  return new MeshError("BAD_CONFIG", `discovery.consul.url: ${url}: ${allowed}`);
}

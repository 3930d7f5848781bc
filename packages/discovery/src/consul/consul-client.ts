import https from "node:https";
import Consul from "consul";
import { isRecord } from "../endpoint-spec.ts";
import type { AgentAddress, AgentTls } from "./agent-address.ts";

export type { Consul };

/*
 * Not imported: as an ES module, node:http is read export by export, in Node 26 also `WebSocket`, which loads the
 * undici built into Node, which then takes the place of a global dispatcher that undici 6 or 7 had set.
 */
const http = process.getBuiltinModule("node:http");

/** What a client of the npm package `consul` was made with. */
export interface ClientSettings {
  readonly protocol: "http:" | "https:";
  readonly host: string;
  /** Empty for the scheme's own. */
  readonly port: string;
  /** `/v1`, or what stands before it as well. */
  readonly path: string;
  /** `user:password`, or empty. */
  readonly auth: string;
  /** `X-Consul-Token` of every call, or empty. */
  readonly token: string;
  readonly agent: { readonly socketPath?: string; readonly tls: AgentTls };
}

/**
 * Reads the settings of an existing client, so that one configuration serves both transports.
 *
 * The package offers no way to ask, so its fields are read with care: what is missing or has another shape counts as
 * not set. Seen in consul 2.0.1 (lib/consul.js) and papi 1.1 (lib/client.js).
 */
export function settingsOf(consul: Consul): ClientSettings {
  const options = field(consul, "_opts");
  const base = field(options, "baseUrl");
  const agent = field(field(options, "agent"), "options");
  const socketPath = field(options, "socketPath") ?? field(agent, "socketPath");
  return {
    protocol: field(base, "protocol") === "https:" ? "https:" : "http:",
    host: text(field(base, "hostname")) || "127.0.0.1",
    port: text(field(base, "port")),
    path: text(field(base, "path")),
    auth: text(field(base, "auth")),
    token: text(field(field(consul, "_defaults"), "token")),
    agent: { ...(typeof socketPath === "string" ? { socketPath } : {}), tls: tlsOf(agent) },
  };
}

/** Makes a client for the agent at `address`, with sockets of its own. */
export function consulClient(address: AgentAddress): { readonly consul: Consul; close(): void } {
  const { origin, prefix, socketPath, tls, authorization } = address;
  const secure = origin.startsWith("https:");
  const agent = secure ? new https.Agent({ keepAlive: true, ...nodeTls(tls) }) : new http.Agent({ keepAlive: true });
  const settings = {
    baseUrl: `${origin}${prefix}/v1`,
    agent,
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(authorization === undefined ? {} : { headers: { authorization } }),
  };
  return { consul: new Consul(settings), close: () => agent.destroy() };
}

function nodeTls(tls: AgentTls = {}): https.AgentOptions {
  const { ca, ...rest } = tls;
  if (ca === undefined) return rest;
  return { ...rest, ca: typeof ca === "string" || Buffer.isBuffer(ca) ? ca : [...ca] };
}

function tlsOf(agent: unknown): AgentTls {
  const ca = field(agent, "ca");
  const cert = field(agent, "cert");
  const key = field(agent, "key");
  const servername = field(agent, "servername");
  return {
    ...(isPem(ca) ? { ca } : Array.isArray(ca) ? { ca: ca.filter(isPem) } : {}),
    ...(isPem(cert) ? { cert } : {}),
    ...(isPem(key) ? { key } : {}),
    ...(typeof servername === "string" ? { servername } : {}),
    ...(field(agent, "rejectUnauthorized") === false ? { rejectUnauthorized: false } : {}),
  };
}

function isPem(value: unknown): value is string | Buffer {
  return typeof value === "string" || Buffer.isBuffer(value);
}

function field(of: unknown, name: string): unknown {
  return isRecord(of) ? of[name] : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

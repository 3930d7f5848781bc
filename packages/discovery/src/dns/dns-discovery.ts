import { Resolver } from "node:dns/promises";
import { MeshError } from "@weft/core";
import type { Discovery, Events, Random, Time } from "@weft/core";
import { Feed } from "../feed.ts";
import { systemRandom, systemTime } from "../system-time.ts";
import { DnsWatcher } from "./dns-watcher.ts";
import type { DnsQuery, DnsResolver } from "./dns-watcher.ts";

export interface DnsOptions {
  /**
   * What to ask for, by the name a service is watched by. `"orders.local:80"` is short for `{ name, port }`, a name alone
   * for `{ name, type: "srv" }`.
   */
  readonly services: Readonly<Record<string, string | DnsQuery>>;
  /** Name servers, as `10.0.0.2` or `10.0.0.2:5353`. Default: the system's. */
  readonly servers?: readonly string[];
  /** The shortest time between two questions, in ms, >= 100, whatever the TTL says. Default 1,000. */
  readonly minRefreshMs?: number;
  /** The longest, in ms. Default 60,000. */
  readonly maxRefreshMs?: number;
  /** Asks the name servers. Default: a `Resolver` of node:dns, 2 s for a try, 2 tries; never the system's getaddrinfo. */
  readonly resolver?: DnsResolver;
  readonly time?: Time;
  readonly random?: Random;
  /** Carries `discovery.freshness`. */
  readonly events?: Events;
}

/** How long one try may take, in ms, and how many there are. */
const TRY_MS = 2_000;
const TRIES = 2;

/**
 * Endpoints named by DNS: A and AAAA records with a port, or SRV records.
 *
 *   dnsDiscovery({ services: { orders: "orders.local:80", users: { name: "_http._tcp.users.local", type: "srv" } } })
 *
 * The records are asked for again when the shortest TTL among them is over. While the name servers do not answer, the
 * last answer stays, marked `stale`.
 *
 * @throws MeshError BAD_CONFIG that lists every query and option that cannot be
 */
export function dnsDiscovery(options: DnsOptions): Discovery {
  const { time = systemTime, random = systemRandom, events, minRefreshMs = 1_000, maxRefreshMs = 60_000 } = options;
  const queries = readQueries(options);
  const { resolver, cancel } = options.resolver === undefined ? ownResolver(options) : foreign(options.resolver);
  const watchers = new Map<string, { readonly feed: Feed; readonly watcher: DnsWatcher | undefined }>();
  let closed = false;

  function start(service: string): { feed: Feed; watcher: DnsWatcher | undefined } {
    const query = queries.get(service);
    const source = query === undefined ? "dns: not listed" : `dns ${query.name}`;
    const feed = new Feed({ service, source, clock: time, events });
    if (query === undefined) feed.learned([]);
    const ports = { feed, resolver, time, random, minRefreshMs, maxRefreshMs };
    return { feed, watcher: query === undefined ? undefined : new DnsWatcher(query, ports) };
  }

  return {
    watch(service) {
      if (closed) throw new MeshError("CLOSED", "this discovery was closed", { service });
      const one = watchers.get(service) ?? start(service);
      watchers.set(service, one);
      return one.feed.watch();
    },
    async close() {
      closed = true;
      for (const { feed } of watchers.values()) feed.close();
      cancel();
      await Promise.all([...watchers.values()].map(({ watcher }) => watcher?.close()));
    },
  };
}

function ownResolver({ servers }: DnsOptions): { resolver: DnsResolver; cancel: () => void } {
  const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
  try {
    if (servers !== undefined) resolver.setServers(servers);
  } catch (error) {
    throw new MeshError("BAD_CONFIG", `discovery.dns.servers: ${String(servers)}: not a list of IP addresses`, {
      cause: error,
    });
  }
  return {
    resolver: {
      resolve4: (name) => resolver.resolve4(name, { ttl: true }),
      resolve6: (name) => resolver.resolve6(name, { ttl: true }),
      resolveSrv: (name) => resolver.resolveSrv(name),
    },
    cancel: () => resolver.cancel(),
  };
}

function foreign(resolver: DnsResolver): { resolver: DnsResolver; cancel: () => void } {
  return { resolver, cancel: () => {} };
}

function readQueries({ services, minRefreshMs = 1_000, maxRefreshMs = 60_000 }: DnsOptions): Map<string, DnsQuery> {
  const queries = new Map<string, DnsQuery>();
  const mistakes: string[] = [];
  for (const [service, given] of Object.entries(services)) {
    const query = typeof given === "string" ? parseQuery(given) : given;
    const needsPort = query.type !== "srv";
    if (query.name === "") mistakes.push(`discovery.dns.services.${service}: the name is empty`);
    if (needsPort && !(Number.isInteger(query.port) && query.port >= 1 && query.port <= 65_535)) {
      mistakes.push(`discovery.dns.services.${service}.port: ${query.port} is not in 1..65535; A and AAAA have none`);
    }
    queries.set(service, query);
  }
  if (!(minRefreshMs >= 100)) mistakes.push(`discovery.dns.minRefreshMs: ${minRefreshMs} is not at least 100`);
  if (!(maxRefreshMs >= minRefreshMs)) {
    mistakes.push(`discovery.dns.maxRefreshMs: ${maxRefreshMs} is below minRefreshMs ${minRefreshMs}`);
  }
  if (mistakes.length > 0) throw new MeshError("BAD_CONFIG", mistakes.join("; "));
  return queries;
}

/** `name:port`, or a name alone, whose SRV records have the ports. */
function parseQuery(text: string): DnsQuery {
  const colon = text.lastIndexOf(":");
  if (colon < 0) return { name: text, type: "srv" };
  return { name: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}

import { MeshError } from "@weft/core";
import type { Discovery, Events, Random, Time, Watch } from "@weft/core";
import { Feed } from "../feed.ts";
import type { OnNotice } from "../notice.ts";
import { SnapshotStore } from "../snapshot/snapshot-store.ts";
import { systemRandom, systemTime } from "../system-time.ts";
import { agentAddress } from "./agent-address.ts";
import type { AgentOptions } from "./agent-address.ts";
import { AgentCircuit } from "./agent-circuit.ts";
import { AgentHttp } from "./agent-http.ts";
import { settingsOf } from "./consul-client.ts";
import { ConsulWatcher } from "./consul-watcher.ts";
import { isRemote, queryPath } from "./query.ts";
import type { ConsulQuery, NamedQuery } from "./query.ts";
import { SocketBudget } from "./socket-budget.ts";
import { tokenSource } from "./token-source.ts";
import type { ConsulWatchStats } from "./watch-stats.ts";

/** A watch survives its last user by this much, so that one who comes back soon finds it live. */
const LINGER_MS = 30_000;
/** How long Consul may take before the snapshot on disk is used. */
const SNAPSHOT_AFTER_MS = 2_000;
/** For polls of watches that have no connection of their own. */
const SHARED_SOCKETS = 4;

export interface ConsulOptions extends AgentOptions, Omit<ConsulQuery, "name"> {
  /** ACL token. Default: that of `consul`, or none. */
  readonly token?: string;
  /** A file with the token, read before each request: rotate it at will. Wins over `token`. */
  readonly tokenFile?: string;
  /** Services that are asked for in another way than the rest, by the name they are watched by. */
  readonly services?: Readonly<Record<string, ConsulQuery>>;
  /** How long a blocking query waits, in ms, 10,000 to 300,000. Default 55,000: below the 60 s of common proxies. */
  readonly waitMs?: number;
  /** How far behind its leader a server may be that answers, in ms, > 0. Default 30,000. */
  readonly maxStaleMs?: number;
  /** Connections to the agent, 1 to 200. Default 100, half of what Consul allows one address. Watches beyond are polled. */
  readonly maxSockets?: number;
  /** Directory for the last good endpoints, used at a start without Consul. Absent: nothing is kept on disk. */
  readonly snapshotDir?: string;
  readonly time?: Time;
  readonly random?: Random;
  /** Carries `discovery.freshness` and `discovery.held`. */
  readonly events?: Events;
  readonly onNotice?: OnNotice;
}

export interface ConsulWatch extends Watch {
  stats(): ConsulWatchStats;
}

export interface ConsulDiscovery extends Discovery {
  watch(service: string): ConsulWatch;
  /** What the agent is used for now. */
  stats(): { readonly sockets: number; readonly blocking: number; readonly maxSockets: number };
}

interface Shared {
  readonly feed: Feed;
  readonly watcher: ConsulWatcher;
  readonly cancelSnapshot: () => void;
  cancelLinger: () => void;
}

/**
 * Endpoints of services registered in Consul, followed through one agent.
 *
 *   consulDiscovery({ url: "http://127.0.0.1:8500", tag: "v2", snapshotDir: "/var/lib/web/weft" })
 *
 * Each service of Consul has one blocking query, shared by all who watch it, by whatever name. While Consul is away,
 * the last good endpoints stay, marked `stale`; see docs/discovery.md.
 *
 * @throws MeshError BAD_CONFIG that lists every option out of range
 */
export function consulDiscovery(options: ConsulOptions = {}): ConsulDiscovery {
  checkRanges(options);
  const { time = systemTime, random = systemRandom, events, services = {}, waitMs = 55_000 } = options;
  const { maxStaleMs = 30_000, maxSockets = 100, snapshotDir, onNotice } = options;
  const address = agentAddress(options);
  const http = new AgentHttp(address, time, maxSockets);
  const circuit = new AgentCircuit(time, random);
  const budget = new SocketBudget(Math.max(1, maxSockets - SHARED_SOCKETS));
  const token = tokenSource(withClientToken(options), (problem) => onNotice?.({ problem }));
  const store =
    snapshotDir === undefined
      ? undefined
      : new SnapshotStore({
          dir: snapshotDir,
          epochMs: () => Date.now(),
          onNotice: (service, problem) => onNotice?.({ service, problem }),
        });
  /** By what is asked: services by different names may be one in Consul. */
  const shared = new Map<string, Shared>();
  const ending = new Set<Promise<void>>();
  let closed = false;

  function start(path: string, query: NamedQuery): Shared {
    const { name } = query;
    const key = `${address.label}${path}`;
    const source = `consul ${name} at ${address.label}`;
    const feed = new Feed({ service: name, source, clock: time, events, onIdle: () => linger(path) });
    const notice = (problem: string): void => {
      for (const service of feed.services) onNotice?.({ service, problem });
    };
    const cancelSnapshot =
      store === undefined
        ? () => {}
        : time.after(SNAPSHOT_AFTER_MS, () => {
            if (feed.membership.freshness.kind !== "pending") return;
            void store.read(name, key).then((snapshot) => {
              if (snapshot !== undefined) feed.fromDisk(snapshot.endpoints, snapshot.ageMs);
            });
          });
    const watcher = new ConsulWatcher({
      path,
      wan: isRemote(query),
      waitMs,
      maxStaleMs,
      feed,
      http,
      circuit,
      budget,
      token,
      time,
      random,
      events,
      onConfirmed: () => store?.confirm(name, key, feed.membership.endpoints),
      onNotice: notice,
    });
    return { feed, watcher, cancelSnapshot, cancelLinger: () => {} };
  }

  function linger(path: string): void {
    const one = shared.get(path);
    if (one !== undefined) one.cancelLinger = time.after(LINGER_MS, () => stop(path, one));
  }

  function stop(path: string, one: Shared): void {
    shared.delete(path);
    one.cancelLinger();
    one.cancelSnapshot();
    one.feed.close();
    const end = one.watcher.close();
    ending.add(end);
    void end.then(() => ending.delete(end));
  }

  return {
    watch(service) {
      if (closed) throw new MeshError("CLOSED", "this discovery was closed", { service });
      const query = { name: service, ...queryOf(options), ...services[service] };
      const path = queryPath(query);
      const one = shared.get(path) ?? start(path, query);
      shared.set(path, one);
      one.cancelLinger();
      one.cancelLinger = () => {};
      // The getter `membership` must stay one, so the watch is extended rather than copied.
      return Object.assign(one.feed.watch(service), { stats: () => one.watcher.stats() });
    },
    stats: () => ({ sockets: http.sockets, blocking: budget.held, maxSockets }),
    async close() {
      closed = true;
      for (const [path, one] of shared) stop(path, one);
      await Promise.all(ending);
      await http.close();
      await store?.close();
    },
  };
}

function queryOf({ tag, filter, dc, ns, partition, peer }: ConsulOptions): ConsulQuery {
  return {
    ...(tag === undefined ? {} : { tag }),
    ...(filter === undefined ? {} : { filter }),
    ...(dc === undefined ? {} : { dc }),
    ...(ns === undefined ? {} : { ns }),
    ...(partition === undefined ? {} : { partition }),
    ...(peer === undefined ? {} : { peer }),
  };
}

function withClientToken({ token, tokenFile, consul }: ConsulOptions): { token?: string; tokenFile?: string } {
  const own = token ?? (consul === undefined ? undefined : settingsOf(consul).token);
  return { ...(own === undefined ? {} : { token: own }), ...(tokenFile === undefined ? {} : { tokenFile }) };
}

function checkRanges({ waitMs, maxStaleMs, maxSockets }: ConsulOptions): void {
  const mistakes = [
    outside("waitMs", waitMs, 10_000, 300_000),
    outside("maxStaleMs", maxStaleMs, 1, 86_400_000),
    outside("maxSockets", maxSockets, 1, 200),
  ].filter((mistake) => mistake !== "");
  if (mistakes.length > 0) throw new MeshError("BAD_CONFIG", mistakes.join("; "));
}

function outside(name: string, value: number | undefined, least: number, most: number): string {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return "";
  return `discovery.consul.${name}: ${value} is not a whole number in ${least}..${most}`;
}

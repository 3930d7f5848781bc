import { isDeepStrictEqual } from "node:util";
import type { Discover, Policy, Secret } from "@weft/config";
import { type Events, MeshError, type Random, type Time, type Watch } from "@weft/core";
import { type ConsulDiscovery, consulDiscovery, type ConsulQuery } from "@weft/discovery";
import { closingWith } from "./closing-with.ts";

export interface ConsulPorts {
  readonly time: Time;
  readonly random: Random;
  readonly events: Events;
  /** Directory for the last good answers. */
  readonly snapshotDir: string | undefined;
}

type Agent = Policy["discovery"]["consul"];
type ConsulDiscover = Extract<Discover, { readonly kind: "consul" }>;

interface Source {
  readonly agent: Agent;
  readonly discovery: ConsulDiscovery;
  /** What each service is asked for by. Discovery looks here when a watch begins. */
  readonly queries: Record<string, ConsulQuery>;
  watches: number;
}

/**
 * Watches on Consul's services, by one agent that they all share. A watch that differs from what that one was made for,
 * in the agent's address or token or in what a service is asked for by, gets a new one: watches that are there keep
 * theirs, which ends with the last of them.
 */
export class ConsulSources {
  readonly #ports: ConsulPorts;
  readonly #all = new Set<Source>();
  readonly #ending = new Set<Promise<void>>();
  #current: Source | undefined = undefined;

  constructor(ports: ConsulPorts) {
    this.#ports = ports;
  }

  /** @throws MeshError BAD_CONFIG when the token's environment variable is missing */
  watch(name: string, discover: ConsulDiscover, agent: Agent): Watch {
    const query = queryOf(discover);
    const source = this.#sourceFor(name, query, agent);
    source.queries[name] = query;
    source.watches++;
    return closingWith(source.discovery.watch(name), () => {
      source.watches--;
      this.#endUnused(source);
    });
  }

  async close(): Promise<void> {
    for (const source of this.#all) this.#end(source);
    await Promise.all(this.#ending);
  }

  #sourceFor(name: string, query: ConsulQuery, agent: Agent): Source {
    const current = this.#current;
    if (current !== undefined && isDeepStrictEqual(current.agent, agent)) {
      const asked = current.queries[name];
      if (asked === undefined || isDeepStrictEqual(asked, query)) return current;
    }
    const made = this.#make(agent);
    this.#current = made;
    this.#all.add(made);
    if (current !== undefined) this.#endUnused(current);
    return made;
  }

  #make(agent: Agent): Source {
    const { snapshotDir, ...ports } = this.#ports;
    const { url, token, datacenter } = agent;
    const queries: Record<string, ConsulQuery> = Object.create(null); // a service may have any name
    const discovery = consulDiscovery({
      url,
      ...tokenOptions(token),
      ...(datacenter === undefined ? {} : { dc: datacenter }),
      ...(snapshotDir === undefined ? {} : { snapshotDir }),
      services: queries,
      ...ports,
    });
    return { agent, discovery, queries, watches: 0 };
  }

  #endUnused(source: Source): void {
    if (source.watches === 0 && source !== this.#current) this.#end(source);
  }

  #end(source: Source): void {
    if (!this.#all.delete(source)) return;
    const ending = source.discovery.close();
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }
}

function queryOf({ service: name, tag, datacenter: dc }: ConsulDiscover): ConsulQuery {
  return { name, ...(tag === undefined ? {} : { tag }), ...(dc === undefined ? {} : { dc }) };
}

/** A token in a file is read by discovery, again and again, so that it may be rotated. */
function tokenOptions(secret: Secret | undefined): { readonly token?: string; readonly tokenFile?: string } {
  if (secret === undefined) return {};
  if ("file" in secret) return { tokenFile: secret.file };
  const token = process.env[secret.env];
  if (token === undefined || token === "") {
    throw new MeshError("BAD_CONFIG", `discovery.consul.token: environment variable ${secret.env} is missing or empty`);
  }
  return { token };
}

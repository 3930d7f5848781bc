import { isDeepStrictEqual } from "node:util";
import type { Discover, Policy, Secret } from "@weft/config";
import { type Events, MeshError, type Random, type Time, type Watch } from "@weft/core";
import { type ConsulDiscovery, consulDiscovery, type ConsulQuery } from "@weft/discovery";
import { closingWith } from "./closing-with.ts";
import { OpenSources } from "./open-sources.ts";

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
  /** Different services asked for, ever. */
  names: number;
  watches: number;
}

/** Services that one source is asked for, ever: whoever may call any name must not make us remember all of them. */
const MOST_NAMES = 10_000;

/**
 * Watches on Consul's services, by one agent that they all share. A watch that differs from what that one was made for,
 * in the agent's address or token or in what a service is asked for by, gets a new one: watches that are there keep
 * theirs, which ends with the last of them.
 */
export class ConsulSources {
  readonly #ports: ConsulPorts;
  readonly #sources = new OpenSources<Source>();
  #current: Source | undefined = undefined;

  constructor(ports: ConsulPorts) {
    this.#ports = ports;
  }

  /** @throws MeshError BAD_CONFIG when the token's environment variable is missing */
  watch(name: string, discover: ConsulDiscover, agent: Agent): Watch {
    const query = queryOf(discover);
    const source = this.#sourceFor(name, query, agent);
    if (source.queries[name] === undefined) source.names++;
    source.queries[name] = query;
    source.watches++;
    return closingWith(source.discovery.watch(name), () => {
      source.watches--;
      this.#endUnused(source);
    });
  }

  close(): Promise<void> {
    return this.#sources.close();
  }

  #sourceFor(name: string, query: ConsulQuery, agent: Agent): Source {
    const current = this.#current;
    if (current !== undefined && isDeepStrictEqual(current.agent, agent)) {
      const asked = current.queries[name];
      if (asked === undefined ? current.names < MOST_NAMES : isDeepStrictEqual(asked, query)) return current;
    }
    const made = this.#make(agent);
    this.#current = made;
    this.#sources.add(made);
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
      onNotice: ({ service, problem }) => {
        const about = service === undefined ? "" : `service ${service}: `;
        process.emitWarning(`discovery.consul: ${about}${problem}`, "WeftDiscoveryWarning");
      },
      ...ports,
    });
    return { agent, discovery, queries, names: 0, watches: 0 };
  }

  #endUnused(source: Source): void {
    if (source.watches === 0 && source !== this.#current) this.#sources.end(source);
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

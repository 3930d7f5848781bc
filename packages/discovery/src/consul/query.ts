/** What to ask Consul for. Every field but `name` narrows the answer, or says where to ask. */
export interface ConsulQuery {
  /** The service's name in Consul. Default: the name it is watched by. */
  readonly name?: string;
  /** Only instances with this tag, or with all of these. */
  readonly tag?: string | readonly string[];
  /** An expression of Consul's filter language, evaluated by the agent: `Service.Meta.version == "2"`. */
  readonly filter?: string;
  /** Datacenter. Default: the agent's own. */
  readonly dc?: string;
  /** Namespace and partition (Consul Enterprise). */
  readonly ns?: string;
  readonly partition?: string;
  /** The name of a cluster peer whose exported service is meant. */
  readonly peer?: string;
}

/** The same with its name. */
export type NamedQuery = ConsulQuery & { readonly name: string };

/** Endpoints in another datacenter are dialled by the addresses that it shows to the world. */
export function isRemote(query: ConsulQuery): boolean {
  return query.dc !== undefined;
}

/** Everything in the request that does not change from poll to poll: path, and parameters in a fixed order. */
export function queryPath(query: NamedQuery): string {
  const { name, tag = [], filter, dc, ns, partition, peer } = query;
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries({ dc, ns, partition, peer, filter })) {
    if (value !== undefined && value !== "") parameters.append(key, value);
  }
  for (const one of typeof tag === "string" ? [tag] : tag) parameters.append("tag", one);
  const text = parameters.toString();
  return `/v1/health/service/${encodeURIComponent(name)}${text === "" ? "" : `?${text}`}`;
}

/** Adds the parameters of one poll. A stale read may be answered by any server, and works without a leader. */
export function pollPath(
  path: string,
  poll: { readonly index: bigint; readonly waitMs: number; readonly consistent: boolean; readonly maxStaleMs: number },
): string {
  const consistency = poll.consistent ? "consistent" : `stale&max_stale=${Math.round(poll.maxStaleMs)}ms`;
  const blocking = poll.index === 0n ? "" : `&index=${poll.index}&wait=${Math.round(poll.waitMs)}ms`;
  return `${path}${path.includes("?") ? "&" : "?"}${consistency}${blocking}`;
}

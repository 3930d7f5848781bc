/**
 * One place that answers for a service. A value: a change of weight or metadata makes a new one with the same `id`.
 */
export interface Endpoint {
  /** Who it is. The measured state of an endpoint (latency, ejection) follows its id through membership changes. */
  readonly id: string;
  /** IP address or name to dial. IPv6 without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Relative share of traffic, > 0. 1 unless the registry says otherwise. */
  readonly weight: number;
  /**
   * Part of the picks it would get of this process that it is to get, above 0 and below 1: where a subset ends, an
   * endpoint is used by two neighbours. Absent: all of them. Registries do not say it.
   */
  readonly part?: number;
  /**
   * What the registry says. `passing` takes traffic; `failing` takes none, but stays known; `draining` finishes what
   * it has and takes nothing new (Consul: maintenance).
   */
  readonly state: "passing" | "failing" | "draining";
  readonly locality?: Locality;
  /** Labels from the registry: Consul's service metadata. */
  readonly meta: Readonly<Record<string, string>>;
  /** Consul's tags, or none. */
  readonly tags: readonly string[];
}

export interface Locality {
  readonly region?: string;
  readonly zone?: string;
}

const STATES: readonly Endpoint["state"][] = ["passing", "failing", "draining"];

/** An IPv6 address, which alone has colons, or a name or IPv4 address: nothing that would be a URL, a path or a line. */
const DIALLED = /^(?:[\da-f.]*:[\da-f.]*:[\da-f.:]*(?:%[\w.-]+)?|[^\s\p{Cc}:/\\?#@[\]]+)$/iu;

/**
 * Makes an endpoint out of what is known, with the usual value for the rest. Types are checked as well: what is known
 * may come from plain JavaScript, or from a file.
 *
 * @param known `host` and `port` at least; `id` is `host:port` when absent
 * @throws RangeError for a host that is neither address nor name, a port outside 1..65535, a weight that is not a finite
 * number > 0, a part outside (0, 1], or a state that there is not
 */
export function endpoint(known: Pick<Endpoint, "host" | "port"> & Partial<Endpoint>): Endpoint {
  const { host, port, weight = 1, part = 1, state = "passing" } = known;
  if (typeof host !== "string") throw new RangeError(`endpoint with port ${port}: the host is ${shown(host)}`);
  if (host === "") throw new RangeError(`endpoint with port ${port}: the host is empty`);
  if (!DIALLED.test(host)) throw new RangeError(`${JSON.stringify(host)} is neither an IP address nor a host name`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(`endpoint ${host}: port ${shown(port)} is not in 1..65535`);
  }
  if (!(Number.isFinite(weight) && weight > 0)) {
    throw new RangeError(`endpoint ${authority(host, port)}: weight ${shown(weight)} is not a finite number > 0`);
  }
  if (!(part > 0 && part <= 1))
    throw new RangeError(`endpoint ${authority(host, port)}: part ${part} is not in (0, 1]`);
  if (!STATES.includes(state)) {
    throw new RangeError(`endpoint ${authority(host, port)}: state ${shown(state)} is none of ${STATES.join(", ")}`);
  }
  return {
    id: known.id ?? authority(host, port),
    host,
    port,
    weight,
    state,
    ...(part < 1 && { part }),
    ...(known.locality === undefined ? {} : { locality: known.locality }),
    meta: known.meta ?? {},
    tags: known.tags ?? [],
  };
}

/** A text in quotes, so that "2" does not look like a number. */
function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** `host:port` as it stands in a URL: an IPv6 address gets its brackets. */
export function authority(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether both say the same of the same endpoint. */
export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return (
    a.id === b.id &&
    a.host === b.host &&
    a.port === b.port &&
    a.weight === b.weight &&
    a.part === b.part &&
    a.state === b.state &&
    a.locality?.region === b.locality?.region &&
    a.locality?.zone === b.locality?.zone &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, i) => tag === b.tags[i]) &&
    sameLabels(a.meta, b.meta)
  );
}

function sameLabels(a: Endpoint["meta"], b: Endpoint["meta"]): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

import type { Discover } from "@weft/config";
import { type Discovery, type Events, MeshError, type Random, type Time, type Watch } from "@weft/core";
import { dnsDiscovery, type EndpointSpec, fileDiscovery, staticDiscovery } from "@weft/discovery";
import { closingWith } from "./closing-with.ts";
import { ConsulSources } from "./consul-sources.ts";
import { OpenSources } from "./open-sources.ts";
import type { PolicyBook } from "./policy-book.ts";

/** Endpoints written down: `{ orders: ["10.0.0.1:80"] }`. */
export type StaticRegistry = Readonly<Record<string, readonly EndpointSpec[]>>;

export interface RegistryOptions {
  /**
   * Where the endpoints of services come from whose policy does not say: a Discovery, which is then closed with the
   * registry, or the endpoints themselves. Default: Consul.
   */
  readonly registry?: Discovery | StaticRegistry;
  /** Directory for Consul's last good answers. Absent: none is kept. */
  readonly snapshotDir?: string;
  /** Whether any name may be called, listed or not. Asked for each name. Default: only while none is listed. */
  readonly takesUnlisted?: () => boolean;
}

export interface RegistryPorts {
  readonly time: Time;
  readonly random: Random;
  readonly events: Events;
}

/** Which services there are, and where each one's endpoints come from: its own `discover`, or else the home's registry. */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #policies: PolicyBook;
  readonly #ports: RegistryPorts;
  readonly #agents: ConsulSources;
  /** What was given as `registry`, once a service has asked for it. */
  #given: Discovery | undefined = undefined;
  /** Each of one service, and of one watch. */
  readonly #owned = new OpenSources<{ readonly discovery: Discovery }>();
  #closed = false;

  constructor(options: RegistryOptions, policies: PolicyBook, ports: RegistryPorts) {
    this.#options = options;
    this.#policies = policies;
    this.#ports = ports;
    this.#agents = new ConsulSources({ ...ports, snapshotDir: options.snapshotDir });
  }

  /** Those that are listed by name. */
  names(): string[] {
    const { registry } = this.#options;
    const written = registry === undefined || isDiscovery(registry) ? [] : Object.keys(registry);
    return [...new Set([...written, ...this.#policies.names()])];
  }

  /** Whether the service is listed by name. */
  lists(name: string): boolean {
    return this.#policies.lists(name) || this.#written(name);
  }

  /** Whether the service may be called. */
  knows(name: string): boolean {
    if (this.lists(name)) return true;
    const { takesUnlisted } = this.#options;
    return name !== "" && (takesUnlisted === undefined ? this.names().length === 0 : takesUnlisted());
  }

  /**
   * Starts a watch. Closing it lets go of all that it alone has used.
   *
   * @throws MeshError BAD_CONFIG for what cannot be watched: an address that is none, a token that is missing; CLOSED
   */
  watch(name: string): Watch {
    if (this.#closed) throw new MeshError("CLOSED", "the registry was closed", { service: name });
    const said = this.#policies.saysDiscover(name);
    const discover = this.#policies.discoverOf(name);
    if (said && discover.kind !== "consul") return this.#own(name, discover);
    const { registry } = this.#options;
    if (isDiscovery(registry)) return (this.#given ??= registry).watch(name);
    if (registry !== undefined && !said && this.#written(name)) {
      return (this.#given ??= staticDiscovery(registry, this.#ports)).watch(name);
    }
    // Only what was said can be other than Consul.
    const query = discover.kind === "consul" ? discover : { kind: "consul" as const, service: name };
    return this.#agents.watch(name, query, this.#policies.policy.discovery.consul);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#given?.close(), this.#agents.close(), this.#owned.close()]);
  }

  #written(name: string): boolean {
    const { registry } = this.#options;
    return registry !== undefined && !isDiscovery(registry) && Object.hasOwn(registry, name);
  }

  #own(name: string, discover: Exclude<Discover, { readonly kind: "consul" }>): Watch {
    const source = { discovery: this.#make(name, discover) };
    this.#owned.add(source);
    return closingWith(source.discovery.watch(name), () => this.#owned.end(source));
  }

  #make(name: string, discover: Exclude<Discover, { readonly kind: "consul" }>): Discovery {
    switch (discover.kind) {
      case "static":
        return staticDiscovery({ [name]: discover.addresses }, this.#ports);
      case "file":
        return fileDiscovery({ files: { [name]: discover.file }, ...this.#ports });
      case "dns": {
        const { name: host, port } = discover;
        return dnsDiscovery({ services: { [name]: port === undefined ? host : { name: host, port } }, ...this.#ports });
      }
      default:
        return discover satisfies never;
    }
  }
}

function isDiscovery(registry: Discovery | StaticRegistry | undefined): registry is Discovery {
  return registry !== undefined && typeof registry["watch"] === "function" && typeof registry["close"] === "function";
}

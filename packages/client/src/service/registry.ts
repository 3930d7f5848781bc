import { type Discovery, type Events, MeshError, type Random, type Time, type Watch } from "@weft/core";
import { consulDiscovery, dnsDiscovery, fileDiscovery, staticDiscovery } from "@weft/discovery";
import type { Secret, ServicePolicy } from "@weft/config";
import type { MeshOptions, ServicesInput, StaticRegistry } from "../mesh-options.ts";
import type { PolicyBook } from "./policy-book.ts";

export interface RegistryPorts {
  readonly time: Time;
  readonly random: Random;
  readonly events: Events;
}

/**
 * Which services there are, and where each one's endpoints come from: its own `discover`, or else the mesh's registry.
 */
export class Registry {
  readonly #options: MeshOptions<Discovery | StaticRegistry, ServicesInput>;
  readonly #policies: PolicyBook;
  readonly #ports: RegistryPorts;
  readonly #listed: ReadonlySet<string>;
  /** Made when the first service asks for it. */
  readonly #sources = new Map<string, Discovery>();

  constructor(
    options: MeshOptions<Discovery | StaticRegistry, ServicesInput>,
    policies: PolicyBook,
    ports: RegistryPorts,
  ) {
    this.#options = options;
    this.#policies = policies;
    this.#ports = ports;
    const inRegistry = isDiscovery(options.registry) ? [] : Object.keys(options.registry ?? {});
    this.#listed = new Set([...inRegistry, ...policies.names()]);
  }

  names(): string[] {
    return [...this.#listed];
  }

  /** Whether the service is listed by name. */
  lists(name: string): boolean {
    return this.#listed.has(name);
  }

  /** Whether the service may be called: a mesh that lists none takes any name that its registry may know. */
  knows(name: string): boolean {
    return this.#listed.has(name) || (this.#listed.size === 0 && name !== "");
  }

  watch(name: string): Watch {
    return this.#sourceOf(name).watch(name);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sources.values()].map((source) => source.close()));
  }

  #sourceOf(name: string): Discovery {
    const written = this.#options.services?.[name]?.discover !== undefined;
    const { discover } = this.#policies.of(name);
    if (written && discover.kind !== "consul") return this.#source(`own ${name}`, () => this.#own(name, discover));
    const { registry } = this.#options;
    if (isDiscovery(registry)) return this.#source("registry", () => registry);
    if (!written && registry !== undefined && Object.hasOwn(registry, name)) {
      return this.#source("registry", () => staticDiscovery(registry, this.#ports));
    }
    return this.#source("consul", () => this.#consul());
  }

  #source(key: string, make: () => Discovery): Discovery {
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#sources.set(key, made);
    return made;
  }

  #own(name: string, discover: Exclude<ServicePolicy["discover"], { readonly kind: "consul" }>): Discovery {
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

  #consul(): Discovery {
    const queries: Record<string, { name: string; tag?: string; dc?: string }> = {};
    for (const service of this.#policies.names()) {
      const { discover } = this.#policies.of(service);
      if (discover.kind !== "consul") continue;
      const { service: name, tag, datacenter: dc } = discover;
      queries[service] = { name, ...(tag === undefined ? {} : { tag }), ...(dc === undefined ? {} : { dc }) };
    }
    const { url, token, datacenter } = this.#policies.consul;
    const { snapshotDir } = this.#options;
    return consulDiscovery({
      url,
      ...tokenOptions(token),
      ...(datacenter === undefined ? {} : { dc: datacenter }),
      ...(snapshotDir === undefined ? {} : { snapshotDir }),
      services: queries,
      ...this.#ports,
    });
  }
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

function isDiscovery(registry: Discovery | StaticRegistry | undefined): registry is Discovery {
  return registry !== undefined && typeof registry["watch"] === "function" && typeof registry["close"] === "function";
}

import { MeshError } from "@weft/core";
import type { Registry } from "@weft/runtime";
import type { Destination } from "../mesh-dispatcher.ts";
import type { ServiceClient } from "./service-client.ts";

export interface DestinationPorts {
  /** `.mesh` */
  readonly suffix: string;
  readonly registry: Registry;
  readonly client: (name: string) => ServiceClient;
  readonly isClosed: () => boolean;
}

const OUTSIDE: Destination = { kind: "outside" };
/** Origins remembered; a process that calls more different outside hosts pays for parsing them again. */
const REMEMBERED = 1_024;

/** Tells whom an origin means: a service of the mesh, or a host outside of it. */
export class Destinations {
  readonly #ports: DestinationPorts;
  readonly #known = new Map<string, Destination>();

  constructor(ports: DestinationPorts) {
    this.#ports = ports;
  }

  of(origin: string | URL | undefined): Destination {
    if (this.#ports.isClosed())
      return { kind: "unknown", error: new MeshError("CLOSED", "the mesh was closed", { neverSent: true }) };
    const key = typeof origin === "string" ? origin : origin === undefined ? "" : origin.origin;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#find(key);
    if (found.kind !== "unknown") {
      if (this.#known.size >= REMEMBERED) this.#known.clear();
      this.#known.set(key, found);
    }
    return found;
  }

  /** Whether a URL means a service of the mesh, or one that the mesh should know. */
  owns(url: URL): boolean {
    return this.of(url.origin).kind !== "outside";
  }

  unknown(name: string): MeshError {
    const known = this.#ports.registry.names();
    const list = known.length === 0 ? "none is listed" : `known: ${known.join(", ")}`;
    return new MeshError("UNKNOWN_SERVICE", `no such service; ${list}. Add it under \`services\``, {
      service: name,
      neverSent: true,
    });
  }

  #find(origin: string): Destination {
    if (!URL.canParse(origin)) return OUTSIDE;
    const { protocol, hostname } = new URL(origin);
    const secure = protocol === "https:" || protocol === "wss:";
    if (!secure && protocol !== "http:" && protocol !== "ws:" && protocol !== "mesh:") return OUTSIDE;
    const { suffix, registry, client } = this.#ports;
    const meant = hostname.endsWith(suffix);
    const name = meant ? hostname.slice(0, -suffix.length) : hostname;
    if (meant ? registry.knows(name) : registry.lists(name)) return { kind: "service", service: client(name), secure };
    return meant ? { kind: "unknown", error: this.unknown(name) } : OUTSIDE;
  }
}

import type { OutboundPolicy } from "@weft/config";
import { MeshError } from "@weft/core";
import type { RequestHead } from "@weft/http";
import { addressOf } from "./address-of.ts";
import { isConsulName, mayBeConsuls, serviceName } from "./service-name.ts";
import type { Services } from "../service/services.ts";
import type { SidecarService } from "../service/sidecar-service.ts";

/** Whom a request of the app is for. */
export type Route =
  | { readonly kind: "service"; readonly service: SidecarService }
  /** No such service, and `detail` says which there are; or one that cannot be watched now, and it says why. */
  | { readonly kind: "unknown"; readonly name: string; readonly detail: string }
  /** Not to be passed through: it is no `host` or `host:port`. */
  | { readonly kind: "nowhere"; readonly detail: string };

/** Names of services that an error lists. */
const NAMED = 20;

/** What of the services tells which there are, and gives one. */
type KnownServices = Pick<Services, "of" | "single" | "lists" | "names">;

/** Tells whose endpoints a request is for, by the authority that it names. */
export class OutboundRouter {
  policy: OutboundPolicy;
  readonly #services: KnownServices;

  constructor(policy: OutboundPolicy, services: KnownServices) {
    this.policy = policy;
    this.#services = services;
  }

  /** Cost: two lookups for a service that is in use. */
  route(head: RequestHead): Route {
    try {
      return this.#find(head);
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      // Such as for want of Consul's token: it is this request that fails, and no other.
      return { kind: "unknown", name: serviceName(head.authority), detail: error.message };
    }
  }

  #find(head: RequestHead): Route {
    const { service } = this.policy;
    if (service !== undefined) return { kind: "service", service: this.#services.of(service) };
    const { authority } = head;
    const name = serviceName(authority);
    if (name !== "" && this.#allowed(name, authority)) return { kind: "service", service: this.#services.of(name) };
    if (this.policy.unknown === "passthrough") return this.#passThrough(head);
    const names = this.#services.names();
    const known = names.length === 0 ? "none is listed" : `known: ${names.slice(0, NAMED).join(", ")}`;
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
    const shown = name === "" ? authority : name;
    const what = shown === "" ? "the request names no host" : `no service is called ${JSON.stringify(shown)}`;
    return { kind: "unknown", name: shown, detail: `${what}; ${known}${more}` };
  }

  #allowed(name: string, authority: string): boolean {
    const services = this.#services;
    if (services.lists(name)) return true;
    if (!this.policy.consul || !mayBeConsuls(name)) return false;
    if (isConsulName(authority)) return true;
    // This machine, wherever it is asked for: RFC 6761 6.3.
    if (name === "localhost") return false;
    return this.policy.unknown === "refuse" || !authority.includes(".");
  }

  #passThrough({ authority, form, scheme }: RequestHead): Route {
    // Over HTTP/2 each request has a scheme, which is that of the connection to us.
    if (scheme === "https" && form === "absolute") {
      return { kind: "nowhere", detail: "https is passed through by CONNECT, not in the clear" };
    }
    if (authority === "") return { kind: "nowhere", detail: "the request names no host" };
    const address = addressOf(authority);
    if (address === "") return { kind: "nowhere", detail: "nobody can be reached at port 0" };
    return { kind: "service", service: this.#services.single(`=${address}`, address) };
  }
}

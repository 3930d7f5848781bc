import type { HashedRequest } from "@weft/runtime";
import { HeadOfCall } from "./head-of-call.ts";
import type { Hop } from "./hop.ts";

/** A request as a balancer that hashes sees it. */
export class HashedHop extends HeadOfCall implements HashedRequest {
  readonly #hop: Hop;

  constructor(hop: Hop) {
    super(hop.exchange.head);
    this.#hop = hop;
  }

  get address(): string {
    return hostOf(this.#hop.exchange.peer);
  }

  setCookie(line: string): void {
    this.#hop.setCookie = line;
  }
}

/** The host of `host:port`, of IPv6 without its brackets; "" when there is none. */
export function hostOf(peer: string): string {
  const host = peer.slice(0, peer.lastIndexOf(":"));
  return host.startsWith("[") ? host.slice(1, -1) : host;
}

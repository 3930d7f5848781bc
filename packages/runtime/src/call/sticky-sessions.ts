import { hash } from "node:crypto";
import type { StickyCookie, StickyPolicy } from "@weft/config";
import type { Call, Endpoint, Events, Outcome, SessionRules } from "@weft/core";
import { cookieValue, setCookieLine } from "./cookie.ts";

export interface StickyPorts {
  readonly events: Events;
  /** Who keeps the sessions of this token, as far as it is known. */
  readonly keeperOf: (token: string) => Endpoint | undefined;
}

/** 132 bits in base64url: that two endpoints have one token does not happen. */
const TOKEN_LENGTH = 22;

/**
 * Says by a cookie which endpoint keeps a caller's session, and reads it there.
 *
 *   token = the first 22 characters of base64url(SHA-256(service, id of the endpoint))
 *
 * So every process that knows the endpoint by that id reads what any other wrote, also after a restart, and the value
 * shows no address. It is no secret: whoever makes one up gets to an endpoint that would serve it anyhow, or to none.
 */
export class StickySessions {
  readonly rules: SessionRules;
  readonly #service: string;
  readonly #cookie: StickyCookie;
  readonly #ports: StickyPorts;
  /** A new value of an endpoint has its token worked out anew. */
  readonly #tokens = new WeakMap<Endpoint, string>();

  constructor(service: string, { cookie, moves }: StickyPolicy, ports: StickyPorts) {
    this.#service = service;
    this.#cookie = cookie;
    this.#ports = ports;
    this.rules = { tokenOf: (endpoint) => this.#tokenOf(endpoint), move: moves };
  }

  /** @param lines of the request's `Cookie` @returns what `call.session` is to be; "" when the caller has no session yet */
  read(lines: readonly string[]): string {
    return cookieValue(lines, this.#cookie.name);
  }

  /**
   * An endpoint's answer is the call's.
   *
   * @returns the `Set-Cookie` that the caller is to be given, by which this endpoint keeps its session from now on; ""
   *   when it has that already. A failure is nothing to stay with: it changes no session
   */
  answered({ session = "" }: Call, endpoint: Endpoint, outcome: Outcome): string {
    const token = this.#tokenOf(endpoint);
    if (session === token || outcome.kind === "failure") return "";
    const { events, keeperOf } = this.#ports;
    if (session !== "" && events.wants("session.moved")) {
      events.emit("session.moved", { service: this.#service, from: keeperOf(session)?.id, to: endpoint.id });
    }
    return setCookieLine(this.#cookie.name, token, this.#cookie);
  }

  #tokenOf(endpoint: Endpoint): string {
    const known = this.#tokens.get(endpoint);
    if (known !== undefined) return known;
    const token = hash("sha256", JSON.stringify([this.#service, endpoint.id]), "base64url").slice(0, TOKEN_LENGTH);
    this.#tokens.set(endpoint, token);
    return token;
  }
}

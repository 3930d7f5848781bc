import type { Endpoint } from "../endpoint.ts";
import type { Call } from "../service.ts";
import type { Groups } from "./groups.ts";
import type { Members } from "./members.ts";
import type { Node } from "./node.ts";
import { absencesOf, type Absence } from "./usable.ts";

/** How the sessions of callers are kept. */
export interface SessionRules {
  /** The token of the sessions that this endpoint keeps: the same for the same id, and for no other. */
  readonly tokenOf: (endpoint: Endpoint) => string;
  /** Whether a call goes elsewhere when the endpoint that keeps its session takes none; else it is refused. */
  readonly move: boolean;
}

/** What becomes of a session at a pick: its endpoint takes the attempt, or why it does not. */
export type SessionFate =
  | "kept"
  | "lost" // no endpoint has the token: it has left, or never was
  | "tried" // the call has been there
  | "full" // limits.callsPerEndpoint, or limits.adaptivePerEndpoint
  | Absence;

/** Finds the endpoint that keeps a call's session, and says whether that takes an attempt of it. */
export class SessionKeepers {
  readonly #members: Members;
  readonly #groups: Groups;
  #rules: SessionRules | undefined;
  /** Of these nodes are the tokens. */
  #known: readonly Node[] = [];
  #byToken = new Map<string, Node>();

  /** @param rules undefined: no call has a session */
  constructor(members: Members, groups: Groups, rules: SessionRules | undefined) {
    this.#members = members;
    this.#groups = groups;
    this.#rules = rules;
  }

  configure(rules: SessionRules | undefined): void {
    this.#rules = rules;
    this.#known = [];
    this.#byToken.clear();
  }

  /** Whether sessions go elsewhere while their endpoint takes no call. */
  get move(): boolean {
    return this.#rules?.move ?? true;
  }

  /** Who keeps the call's session; undefined: it has none, or nobody does. */
  of({ session }: Call): Node | undefined {
    return session === undefined || session === "" ? undefined : this.find(session);
  }

  /** Made anew at the first call after a change of the membership, not by the change: nobody may have a session. */
  find(token: string): Node | undefined {
    const { all } = this.#members;
    if (this.#known !== all && this.#rules !== undefined) {
      const { tokenOf } = this.#rules;
      this.#byToken = new Map(all.map((node) => [tokenOf(node.endpoint), node]));
      this.#known = all;
    }
    return this.#byToken.get(token);
  }

  /**
   * Whether the node takes an attempt of a session that it keeps: while it is fit, passes the checks that count and has
   * room.
   *
   * Also while it drains: new calls are not for it, and a session is one that it has. And in whatever zone and priority
   * it is: these tell where a session begins. A node in a priority in panic counts as it does for all other picks.
   *
   * @param node undefined: no member has the token
   * @param tried where the call has been, as far as it is not to go there again
   * @param most attempts that an endpoint takes at once
   * Source: Envoy `stateful_session` with `override_host_status`; HAProxy's `drain`, which refuses new sessions only.
   */
  fateAt(node: Node | undefined, tried: readonly Endpoint[], most: number): SessionFate {
    if (node === undefined) return "lost";
    if (tried.some(({ id }) => id === node.endpoint.id)) return "tried";
    if (!node.available) {
      const why = absencesOf(node, this.#members.usable).find((reason) => reason !== "draining");
      if (why !== undefined && !this.#isUsedInPanic(node)) return why;
    }
    return node.pending >= node.mostAt(most) ? "full" : "kept";
  }

  #isUsedInPanic(node: Node): boolean {
    return this.#groups.parts?.some(({ nodes }) => nodes.includes(node)) ?? false;
  }
}

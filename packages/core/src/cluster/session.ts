import type { Endpoint } from "../endpoint.ts";
import type { Groups } from "./groups.ts";
import type { Members } from "./members.ts";
import type { Node } from "./node.ts";
import { absencesOf, type Absence } from "./usable.ts";

/** The session that a call belongs to: one endpoint keeps it, and is to get all calls of it. */
export type Session =
  | { readonly kind: "new" } // the caller has none yet
  | { readonly kind: "kept"; /** By the endpoint of this id. */ readonly endpoint: string }
  | { readonly kind: "lost" }; // by an endpoint that nobody knows, any more

/** What becomes of a session at a pick: its endpoint takes the attempt, or why it does not. */
export type SessionFate =
  | "kept"
  | "lost" // the endpoint has left
  | "tried" // the call has been there
  | "full" // limits.callsPerEndpoint
  | Absence;

/**
 * Whether the endpoint that keeps a session takes an attempt of it: while it is fit, passes the checks that count and has
 * room.
 *
 * Also while it drains: new calls are not for it, and a session is one that it has. And in whatever zone and priority it
 * is: these tell where a session begins. An endpoint in a priority in panic counts as it does for all other picks.
 *
 * @param node undefined: no member
 * @param tried where the call has been, as far as it is not to go there again
 * @param most attempts that an endpoint takes at once
 * Source: Envoy `stateful_session` with `override_host_status`; HAProxy's `drain`, which refuses new sessions only.
 */
export function sessionFate(
  node: Node | undefined,
  tried: readonly Endpoint[],
  most: number,
  members: Members,
  groups: Groups,
): SessionFate {
  if (node === undefined) return "lost";
  if (tried.some(({ id }) => id === node.endpoint.id)) return "tried";
  if (!node.available) {
    const why = absencesOf(node, members.usable).find((reason) => reason !== "draining");
    if (why !== undefined && !isUsedInPanic(node, groups)) return why;
  }
  return node.pending >= most ? "full" : "kept";
}

function isUsedInPanic(node: Node, { parts = [] }: Groups): boolean {
  return parts.some(({ nodes }) => nodes.includes(node));
}

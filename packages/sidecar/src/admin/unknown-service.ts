import type { AdminView } from "./admin-view.ts";
import { Problem } from "./reply.ts";

/** @returns Problem 404 that says which names there are */
export function unknownService(name: string, view: AdminView): Problem {
  const known = view.services().map(({ service }) => service);
  const list = known.length === 0 ? "none" : `${known.slice(0, 20).join(", ")}${known.length > 20 ? ", ..." : ""}`;
  return new Problem(404, `there is no service "${name.slice(0, 100)}"; known: ${list}`);
}

import type { ResponseHead } from "@weft/http";
import type { Hop } from "./hop.ts";
import type { HopAttempt } from "./hop-attempt.ts";

/** Tells the caller with this answer who keeps its session from now on, when that is news. */
export function tellSession({ call, ports }: Hop, { lease, outcome }: HopAttempt, head: ResponseHead): void {
  const line = ports.sessions()?.answered(call, lease.endpoint, outcome) ?? "";
  if (line !== "") head.append("set-cookie", line);
}

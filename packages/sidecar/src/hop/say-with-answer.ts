import type { ResponseHead } from "@weft/http";
import type { Hop } from "./hop.ts";
import type { HopAttempt } from "./hop-attempt.ts";
import { forbidRetry } from "./no-retry.ts";
import { sayLoad } from "./say-load.ts";
import { tellSession } from "./tell-session.ts";

/** Adds to an endpoint's answer what the mesh itself has to say to the caller. Most calls have nothing of it. */
export function sayWithAnswer(hop: Hop, attempt: HopAttempt, head: ResponseHead): void {
  if (hop.setCookie !== "") head.append("set-cookie", hop.setCookie);
  if (hop.call.session !== undefined) tellSession(hop, attempt, head);
  if (hop.retriesOver) forbidRetry(head, hop.grpc);
  if (hop.served !== undefined) sayLoad(hop.served, attempt, head);
}

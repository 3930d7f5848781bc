import type { ProbeResult } from "@weft/core";
import type { VirtualTime } from "../time/virtual-time.ts";
import type { SimulatedEndpoint } from "./simulated-endpoint.ts";

/**
 * An active health check. It takes no worker, as the paths that are asked usually do no work.
 *
 * @throws the signal's reason when it aborts first
 */
export async function probeEndpoint(
  endpoint: SimulatedEndpoint,
  time: VirtualTime,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const heard = endpoint.probe();
  await time.sleep(heard.answer === "status" ? heard.afterMs : heard.answer === "none" ? FOREVER_MS : 0, signal);
  if (heard.answer !== "status") return { kind: "failed", why: "connection refused" };
  if (heard.status >= 200 && heard.status < 300) return { kind: "passed" };
  return { kind: "failed", why: heard.status === 0 ? "the connection ended" : `status ${heard.status}` };
}

/** Longer than any check may take: the signal ends it. */
const FOREVER_MS = 86_400_000;

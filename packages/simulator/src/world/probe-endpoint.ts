import type { HealthQuestion } from "@weft/config";
import type { ProbeResult } from "@weft/core";
import type { VirtualTime } from "../time/virtual-time.ts";
import type { SimulatedEndpoint } from "./simulated-endpoint.ts";

/**
 * An active health check. It takes no worker, as what is asked usually is no work; and a connection is taken by whoever
 * does not refuse it, whatever becomes of calls.
 *
 * @throws the signal's reason when it aborts first
 */
export async function probeEndpoint(
  endpoint: SimulatedEndpoint,
  question: HealthQuestion,
  time: VirtualTime,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const heard = endpoint.probe();
  if (question.kind === "tcp" && heard.answer !== "refused") return { kind: "passed" };
  await time.sleep(heard.answer === "status" ? heard.afterMs : heard.answer === "none" ? FOREVER_MS : 0, signal);
  if (heard.answer !== "status") return { kind: "failed", why: "connection refused" };
  if (heard.status >= 200 && heard.status < 300) return { kind: "passed" };
  return { kind: "failed", why: heard.status === 0 ? "the connection ended" : `status ${heard.status}` };
}

/** Longer than any check may take: the signal ends it. */
const FOREVER_MS = 86_400_000;

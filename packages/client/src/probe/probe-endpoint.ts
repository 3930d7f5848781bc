import { connect } from "node:net";
import type { HealthQuestion } from "@weft/config";
import { authority, type Endpoint, type ProbeResult } from "@weft/core";
import type { Dispatcher } from "../undici.ts";

const PASSED: ProbeResult = { kind: "passed" };

/**
 * Asks an endpoint whether it is fit. Never rejects.
 *
 * @param service    its name: what Host says
 * @param dispatcher keeps the connections of checks, which are in clear: calls have their own
 * @param signal     aborts when the check took too long, or is no longer wanted
 */
export function probeEndpoint(
  endpoint: Endpoint,
  question: HealthQuestion,
  service: string,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<ProbeResult> {
  switch (question.kind) {
    case "http":
      return probeHttp(endpoint, question.path, service, dispatcher, signal);
    case "tcp":
      return probeTcp(endpoint, signal);
    case "grpc":
      return Promise.resolve(failed("the SDK asks no health service of gRPC"));
    default:
      return question satisfies never;
  }
}

async function probeHttp(
  { host, port }: Endpoint,
  path: string,
  service: string,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<ProbeResult> {
  try {
    const origin = `http://${authority(host, port)}`;
    const headers = { host: service, "user-agent": "weft-health-check" };
    const { statusCode, body } = await dispatcher.request({ origin, path, method: "GET", headers, signal });
    // Read away, so that the connection can be used again; what is long, or breaks off, changes nothing of the verdict.
    await body.dump({ limit: 64 * 1024, signal }).catch(() => {});
    return statusCode >= 200 && statusCode < 300 ? PASSED : failed(`status ${statusCode}`);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

/** A connection of its own: one that lies idle says nothing of who would take a new one. */
function probeTcp({ host, port }: Endpoint, signal: AbortSignal): Promise<ProbeResult> {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  const socket = connect({ host, port });
  const end = (result: ProbeResult): void => {
    signal.removeEventListener("abort", aborted);
    socket.destroy();
    resolve(result);
  };
  const aborted = (): void => end(failed(String(signal.reason)));
  socket.on("error", (error) => end(failed(error.message))).once("connect", () => end(PASSED));
  if (signal.aborted) aborted();
  else signal.addEventListener("abort", aborted);
  return promise;
}

function failed(why: string): ProbeResult {
  return { kind: "failed", why };
}

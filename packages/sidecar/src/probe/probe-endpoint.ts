import type { HealthQuestion } from "@weft/config";
import type { Endpoint, ProbeResult } from "@weft/core";
import type { DialOptions, DialTarget, ServicePools } from "@weft/http";
import { probeGrpc } from "./probe-grpc.ts";
import { probeHttp } from "./probe-http.ts";
import { probeTcp } from "./probe-tcp.ts";

/** How the endpoints of a service are reached: by its checks as by its calls. */
export interface ProbeWay {
  /** The service's name: what Host says. */
  readonly service: string;
  readonly pools: ServicePools;
  readonly target: (endpoint: Endpoint) => DialTarget;
  readonly dial: () => DialOptions;
}

/**
 * Asks an endpoint whether it is fit. Never rejects.
 *
 * @param signal aborts when the check took too long, or is no longer wanted
 */
export function probeEndpoint(
  { service, pools, target, dial }: ProbeWay,
  endpoint: Endpoint,
  question: HealthQuestion,
  signal: AbortSignal,
): Promise<ProbeResult> {
  switch (question.kind) {
    case "http":
      return probeHttp(pools, endpoint, question.path, service, signal);
    case "grpc":
      return probeGrpc(pools, endpoint, question.service, service, signal);
    case "tcp":
      return probeTcp(target(endpoint), dial(), signal);
    default:
      return question satisfies never;
  }
}

import type { Endpoint, ProbeResult } from "@weft/core";
import {
  type EndpointExchange,
  type ExchangeFailure,
  NOWHERE,
  ownRequest,
  type ResponseReceiver,
  type ServicePools,
} from "@weft/http";
import { CHECK_LINES, failedCheck, PASSED, untilAborted } from "./probing.ts";

/**
 * Asks an endpoint for a path over the connections that its calls use: any answer of 2xx passes.
 *
 * @param service its name: what Host says
 * @param signal  aborts when the check took too long, or is no longer wanted
 */
export function probeHttp(
  pools: ServicePools,
  endpoint: Endpoint,
  path: string,
  service: string,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const probe = new HttpProbe();
  const request = ownRequest({ method: "GET", target: path, authority: service, lines: CHECK_LINES });
  const exchange = pools.send(endpoint, request, probe);
  return untilAborted(probe.done, signal, () => exchange.cut(signal.reason));
}

/** Waits for the head, and reads the body away. */
class HttpProbe implements ResponseReceiver {
  readonly done: PromiseWithResolvers<ProbeResult> = Promise.withResolvers();

  informed(): void {}

  answered({ head, body }: EndpointExchange): void {
    const status = head?.status ?? 0;
    this.done.resolve(status >= 200 && status < 300 ? PASSED : failedCheck(`status ${status}`));
    body?.attach(NOWHERE);
  }

  ended(_exchange: EndpointExchange, failure: ExchangeFailure | undefined): void {
    if (failure !== undefined) this.done.resolve(failedCheck(failure.problem));
  }
}

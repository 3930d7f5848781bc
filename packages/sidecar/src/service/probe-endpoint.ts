import type { Endpoint, ProbeResult } from "@weft/core";
import {
  type EndpointExchange,
  type ExchangeFailure,
  NOWHERE,
  ownRequest,
  type ResponseReceiver,
  type ServicePools,
} from "@weft/http";

const PASSED: ProbeResult = { kind: "passed" };

/**
 * Asks an endpoint for a path over the connections that its calls use: any answer of 2xx passes.
 *
 * @param service its name: what Host says
 * @param signal  aborts when the check took too long, or is no longer wanted
 */
export function probeEndpoint(
  pools: ServicePools,
  endpoint: Endpoint,
  path: string,
  service: string,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const lines = "User-Agent: weft-health-check\r\n";
  const probe = new Probe();
  const exchange = pools.send(endpoint, ownRequest({ method: "GET", target: path, authority: service, lines }), probe);
  const abort = (): void => {
    exchange.cut(signal.reason);
    probe.done.resolve({ kind: "failed", why: "no answer in time" });
  };
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return probe.done.promise.finally(() => signal.removeEventListener("abort", abort));
}

/** Waits for the head, and reads the body away. */
class Probe implements ResponseReceiver {
  readonly done: PromiseWithResolvers<ProbeResult> = Promise.withResolvers();

  informed(): void {}

  answered({ head, body }: EndpointExchange): void {
    const status = head?.status ?? 0;
    this.done.resolve(status >= 200 && status < 300 ? PASSED : { kind: "failed", why: `status ${status}` });
    body?.attach(NOWHERE);
  }

  ended(_exchange: EndpointExchange, failure: ExchangeFailure | undefined): void {
    if (failure !== undefined) this.done.resolve({ kind: "failed", why: failure.problem });
  }
}

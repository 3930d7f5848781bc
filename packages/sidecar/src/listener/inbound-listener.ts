import type { TlsOptions } from "node:tls";
import type { InboundPolicy } from "@weft/config";
import { ServedLoad } from "@weft/core";
import type { CallerExchange } from "@weft/http";
import { webCallType } from "../grpc-web/grpc-head.ts";
import { WebExchange } from "../grpc-web/web-exchange.ts";
import type { ListenerHandle } from "../hop/listener-handle.ts";
import type { SidecarService } from "../service/sidecar-service.ts";
import { HttpListener } from "./http-listener.ts";
import type { ListenerPorts } from "./listener-ports.ts";
import { refuseOddRequest, refuseRequest } from "./refuse-request.ts";

/** Where others call the app: every request goes to it, within limits and deadlines. */
export class InboundListener extends HttpListener {
  readonly #policy: { inForce: InboundPolicy };
  readonly #listener: ListenerHandle;

  constructor(policy: InboundPolicy, tls: TlsOptions | undefined, app: SidecarService, ports: ListenerPorts) {
    const { name, timeouts } = policy;
    const listener = ports.handle({ name, tunnelMs: timeouts.tunnelMs, side: "inbound", secure: tls !== undefined });
    const shared = { inForce: policy };
    super(
      policy,
      tls,
      ports.of(listener, (came) => {
        const exchange = shared.inForce.grpcWeb ? asGrpc(came) : came;
        if (refuseOddRequest(exchange, listener, ports)) return;
        const { method, protocol } = exchange.head;
        if (method === "CONNECT" && protocol === "") {
          refuseRequest(exchange, listener, 405, "CONNECT is for the outbound listener", ports);
        } else if (exchange instanceof WebExchange && exchange.problem !== undefined) {
          refuseRequest(exchange, listener, 400, exchange.problem, ports);
        } else app.handle(exchange, listener);
      }),
    );
    this.#policy = shared;
    this.#listener = listener;
    this.#sayLoad();
  }

  override configure(policy: InboundPolicy): void {
    super.configure(policy);
    this.#policy.inForce = policy;
    this.#sayLoad();
  }

  /** Whether answers say how loaded the service is, from the next request on. */
  #sayLoad(): void {
    const listener = this.#listener;
    if (!this.#policy.inForce.reportLoad) listener.load = undefined;
    else listener.load ??= new ServedLoad();
  }
}

/** A call of gRPC-Web as one of gRPC; every other as it is. */
function asGrpc(exchange: CallerExchange): CallerExchange {
  const type = webCallType(exchange.head);
  return type === undefined ? exchange : new WebExchange(exchange, type);
}

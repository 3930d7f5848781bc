import type { InboundPolicy } from "@weft/config";
import type { SidecarService } from "../service/sidecar-service.ts";
import { HttpListener } from "./http-listener.ts";
import type { ListenerPorts } from "./listener-ports.ts";
import { refuseOddRequest, refuseRequest } from "./refuse-request.ts";

/** Where others call the app: every request goes to it, within limits and deadlines. */
export class InboundListener extends HttpListener {
  constructor(policy: InboundPolicy, app: SidecarService, ports: ListenerPorts) {
    const listener = ports.handle(policy.name, policy.timeouts.tunnelMs);
    super(
      policy,
      ports.of(listener, (exchange) => {
        if (refuseOddRequest(exchange, listener, ports)) return;
        if (exchange.head.method !== "CONNECT") app.handle(exchange, listener);
        else refuseRequest(exchange, listener, 405, "CONNECT is for the outbound listener", ports);
      }),
    );
  }
}

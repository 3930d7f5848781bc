import type { TlsOptions } from "node:tls";
import type { OutboundPolicy } from "@weft/config";
import type { CallerExchange } from "@weft/http";
import type { ListenerHandle } from "../hop/listener-handle.ts";
import { OutboundRouter } from "../route/outbound-router.ts";
import { ConnectCaller } from "./connect-caller.ts";
import { HttpListener } from "./http-listener.ts";
import type { ListenerPorts } from "./listener-ports.ts";
import { refuseOddRequest, refuseRequest } from "./refuse-request.ts";

/** Where the app calls others: each request goes to the service that it names. */
export class OutboundListener extends HttpListener {
  readonly #router: OutboundRouter;

  constructor(policy: OutboundPolicy, tls: TlsOptions | undefined, ports: ListenerPorts) {
    const router = new OutboundRouter(policy, ports.services);
    const { name, timeouts } = policy;
    const listener = ports.handle({ name, tunnelMs: timeouts.tunnelMs, side: "outbound", secure: tls !== undefined });
    super(
      policy,
      tls,
      ports.of(listener, (exchange) => handle(exchange, listener, router, ports)),
    );
    this.#router = router;
  }

  override configure(policy: OutboundPolicy): void {
    super.configure(policy);
    this.#router.policy = policy;
  }
}

function handle(
  exchange: CallerExchange,
  listener: ListenerHandle,
  router: OutboundRouter,
  ports: ListenerPorts,
): void {
  if (refuseOddRequest(exchange, listener, ports)) return;
  const route = router.route(exchange.head);
  if (route.kind === "unknown") refuseRequest(exchange, listener, 502, route.detail, ports);
  else if (route.kind === "nowhere") refuseRequest(exchange, listener, 400, route.detail, ports);
  else if (exchange.head.method !== "CONNECT" || exchange.head.protocol !== "")
    route.service.handle(exchange, listener);
  else new ConnectCaller(exchange, listener, ports.observer).connect(route.service.tunnels);
}

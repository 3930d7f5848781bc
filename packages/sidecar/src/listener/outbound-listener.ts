import type { OutboundPolicy } from "@weft/config";
import type { ServerExchange } from "@weft/http";
import type { ListenerHandle } from "../hop/hop.ts";
import { answerProblem } from "../hop/problem-answer.ts";
import { problem } from "../hop/problem.ts";
import { OutboundRouter } from "../route/outbound-router.ts";
import type { ListenerPorts } from "./listener-ports.ts";
import { HttpListener } from "./http-listener.ts";

/** Where the app calls others: each request goes to the service that it names. */
export class OutboundListener extends HttpListener {
  readonly #router: OutboundRouter;

  constructor(policy: OutboundPolicy, ports: ListenerPorts) {
    const router = new OutboundRouter(policy, ports.services);
    const listener = ports.handle(policy.name, policy.timeouts.tunnelMs);
    super(
      policy,
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
  exchange: ServerExchange,
  listener: ListenerHandle,
  router: OutboundRouter,
  ports: ListenerPorts,
): void {
  const { head } = exchange;
  if (head.method === "CONNECT") return refuse(exchange, listener, 405, "CONNECT is not wired", ports);
  if (head.method === "TRACE") return refuse(exchange, listener, 405, "TRACE is not passed on", ports);
  if (ports.loops(head)) {
    const detail = "this sidecar has passed the request on twice already (Via)";
    return refuse(exchange, listener, 508, detail, ports);
  }
  const route = router.route(head);
  if (route.kind === "service") route.service.handle(exchange, listener);
  else refuse(exchange, listener, route.kind === "unknown" ? 502 : 400, route.detail, ports);
}

const CODES: Readonly<Record<number, string>> = {
  400: "BAD_REQUEST",
  405: "METHOD_NOT_ALLOWED",
  502: "UNKNOWN_SERVICE",
  508: "LOOP_DETECTED",
};

function refuse(
  exchange: ServerExchange,
  listener: ListenerHandle,
  status: number,
  detail: string,
  ports: ListenerPorts,
): void {
  answerProblem(exchange, problem(status, CODES[status] ?? "REFUSED", detail));
  ports.observer.refused(exchange, listener, status === 502 ? "NR" : "DPE", detail);
}

import type { InboundPolicy } from "@weft/config";
import type { SidecarService } from "../service/sidecar-service.ts";
import { answerProblem } from "../hop/problem-answer.ts";
import { problem } from "../hop/problem.ts";
import { HttpListener } from "./http-listener.ts";
import type { ListenerPorts } from "./listener-ports.ts";

/** Where others call the app: every request goes to it, within limits and deadlines. */
export class InboundListener extends HttpListener {
  constructor(policy: InboundPolicy, app: SidecarService, ports: ListenerPorts) {
    const listener = ports.handle(policy.name, policy.timeouts.tunnelMs);
    super(
      policy,
      ports.of(listener, (exchange) => {
        if (ports.loops(exchange.head)) {
          const detail = "this sidecar has passed the request on twice already (Via)";
          answerProblem(exchange, problem(508, "LOOP_DETECTED", detail));
          ports.observer.refused(exchange, listener, "DPE", detail);
        } else app.handle(exchange, listener);
      }),
    );
  }
}

import type { CallerExchange } from "@weft/http";
import { grpcStatusOfProblem } from "../grpc/grpc-problem.ts";
import type { ListenerHandle } from "../hop/listener-handle.ts";
import { problem } from "../hop/problem.ts";
import { answerGrpcProblem, answerProblem } from "../hop/problem-answer.ts";
import type { ListenerPorts } from "./listener-ports.ts";

const CODES = {
  400: "BAD_REQUEST",
  405: "METHOD_NOT_ALLOWED",
  501: "NOT_IMPLEMENTED",
  502: "UNKNOWN_SERVICE",
  508: "LOOP_DETECTED",
} as const;

/** Answers a request that no service is asked for, counts it and writes its line. */
export function refuseRequest(
  exchange: CallerExchange,
  listener: ListenerHandle,
  status: keyof typeof CODES,
  detail: string,
  { observer }: ListenerPorts,
): void {
  const known = problem(status, CODES[status], detail);
  const grpcStatus = exchange.head.grpc ? grpcStatusOfProblem(known) : -1;
  if (grpcStatus < 0) answerProblem(exchange, known);
  else answerGrpcProblem(exchange, known, grpcStatus);
  observer.refused(exchange, listener, grpcStatus, {
    flag: status === 502 ? "NR" : "DPE",
    code: CODES[status],
    why: detail,
  });
}

/** Refuses what no listener passes on. @returns whether it did */
export function refuseOddRequest(exchange: CallerExchange, listener: ListenerHandle, ports: ListenerPorts): boolean {
  const { head } = exchange;
  if (head.method === "TRACE") refuseRequest(exchange, listener, 405, "TRACE is not passed on", ports);
  else if (head.protocol !== "" && head.protocol !== "websocket") {
    refuseRequest(exchange, listener, 501, "of the protocols of RFC 8441 only websocket is passed on", ports);
  } else if (ports.loops(head)) {
    refuseRequest(exchange, listener, 508, "this sidecar has passed the request on twice already (Via)", ports);
  } else return false;
  return true;
}

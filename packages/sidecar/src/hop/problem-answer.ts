import type { CallerExchange } from "@weft/http";
import type { Problem } from "./problem.ts";

/** Answers with a problem. To HEAD, with its head alone. */
export function answerProblem(exchange: CallerExchange, { status, reason, fields, body }: Problem): void {
  exchange.respond(status, reason, fields, exchange.head.method === "HEAD" ? "" : body, body.length);
}

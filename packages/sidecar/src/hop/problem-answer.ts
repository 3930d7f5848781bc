import type { ServerExchange } from "@weft/http";
import type { Problem } from "./problem.ts";

/** Answers with a problem. To HEAD, with its head alone. */
export function answerProblem(exchange: ServerExchange, { status, reason, lines, body }: Problem): void {
  exchange.respond(status, reason, lines, exchange.head.method === "HEAD" ? "" : body, body.length);
}

import type { CallerExchange } from "@weft/http";
import { grpcProblem } from "../grpc/grpc-problem.ts";
import { forbidRetry } from "./no-retry.ts";
import { type Problem, problemAnswer } from "./problem.ts";

/** Answers with a problem in HTTP's terms. To HEAD, with its head alone. @param retriesOver see `forbidRetry` */
export function answerProblem(exchange: CallerExchange, problem: Problem, retriesOver = false): void {
  const { reason, fields, body } = problemAnswer(problem);
  if (retriesOver) forbidRetry(fields, false);
  exchange.respond(problem.status, reason, fields, exchange.head.method === "HEAD" ? "" : body, body.length);
}

/**
 * Answers with a problem in gRPC's terms: with nothing but trailers, which stand in the head ("Trailers-Only").
 *
 * @param grpcStatus as `grpcStatusOfProblem` gives it, or another
 * @param retriesOver see `forbidRetry`
 */
export function answerGrpcProblem(
  exchange: CallerExchange,
  problem: Problem,
  grpcStatus: number,
  retriesOver = false,
): void {
  const fields = grpcProblem(problem, grpcStatus);
  if (retriesOver) forbidRetry(fields, true);
  // Over HTTP/1.1 an answer without a length would end with its connection.
  const length = exchange.head.version === "2" ? -1 : 0;
  exchange.respond(200, "OK", fields, "", length);
}

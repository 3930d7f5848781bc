import type { AttemptResult, Outcome } from "@weft/core";
import { type ResponseHead, SEEN } from "@weft/http";
import { resultOfAnswer } from "@weft/runtime";
import { resultOfGrpcAnswer, statusForRetry } from "../grpc/grpc-retry.ts";
import type { Hop } from "./hop.ts";
import { mayRetryGrpc } from "./sent-again.ts";

/** What an answer's head says to whoever may retry; undefined: nothing that asks for it. */
export function resultOfHead(hop: Hop, head: ResponseHead, outcome: Outcome): AttemptResult | undefined {
  if (hop.grpc) return resultOfGrpcHead(hop, head, outcome);
  if (head.status < 400 || !hop.path.mayRetry(head.status)) return undefined;
  return resultOfAnswer(head.status, outcome, forbidsRetry(head));
}

function resultOfGrpcHead(hop: Hop, head: ResponseHead, outcome: Outcome): AttemptResult | undefined {
  const status = statusForRetry(head);
  if (status <= 0 || !mayRetryGrpc(hop, status, head.status)) return undefined;
  return resultOfGrpcAnswer(head, status, outcome, forbidsRetry(head));
}

/** The endpoint asks not to be asked again. */
function forbidsRetry({ seen }: ResponseHead): boolean {
  return (seen & (SEEN.noRetry | SEEN.overloaded)) !== 0;
}

import type {
  AttemptDecision,
  Candidate,
  Decision,
  HedgeDecision,
  PickDecision,
  RefusalDecision,
  RetryDecision,
} from "./decision.ts";

/**
 * A decision in words, without the instant: `chose 10.0.0.2:80 of 2 compared: cost 1.10 against 10.0.0.3:80 4.30 ...`.
 */
export function sentence(decision: Decision): string {
  switch (decision.kind) {
    case "pick":
      return ofPick(decision);
    case "attempt":
      return ofAttempt(decision);
    case "retry":
      return ofRetry(decision);
    case "hedge":
      return ofHedge(decision);
    case "refusal":
      return ofRefusal(decision);
    default:
      return decision satisfies never;
  }
}

function ofPick(pick: PickDecision): string {
  const sick = pick.unhealthy > 0 ? `, ${pick.unhealthy} unhealthy by active checks` : "";
  const state = `${pick.available} of ${pick.members} endpoints available, ${pick.ejected} ejected${sick}`;
  switch (pick.verdict) {
    case "chosen":
      return `attempt ${pick.attempt} goes to ${pick.endpoint}${compared(pick)}; ${state}`;
    case "trial":
      return `attempt ${pick.attempt} goes to ${pick.endpoint}: its ejection ran out, this is the trial that decides; ${state}`;
    case "unkeyed":
      return `attempt ${pick.attempt} goes to ${pick.endpoint} by chance: the call has no key to hash; ${state}`;
    case "passed-on":
      return `attempt ${pick.attempt} goes to ${pick.endpoint}${compared(pick)}: passed on by one that is new (slowStart); ${state}`;
    case "only-tried":
      return `attempt ${pick.attempt} goes to ${pick.endpoint} again: every endpoint that is left has been tried; ${state}`;
    case "none-known":
      return "no endpoint: the registry knows none";
    case "all-draining":
      return `no endpoint: all ${pick.members} are draining`;
    case "all-ejected":
      return `no endpoint: all ${pick.ejected} are ejected`;
    case "all-full":
      return `no endpoint: each of ${pick.available} available is at limits.callsPerEndpoint`;
    default:
      return pick.verdict satisfies never;
  }
}

function compared(pick: PickDecision): string {
  const weighed = pick.candidates.filter(({ latencyMs, load }) => load === null || load > 0 || latencyMs > 0);
  if (weighed.length < 2) return "";
  const more = pick.compared > pick.candidates.length ? `, ${pick.compared - pick.candidates.length} more` : "";
  return ` (${weighed.map(candidate).join("; ")}${more}; typical ${ms(pick.typicalMs)})`;
}

function candidate({ endpoint, load, latencyMs, failures, pending, onHold }: Candidate): string {
  if (load === null) return `${endpoint}: tried already or full`;
  const parts = [`load ${load < 2 ** 46 ? load.toFixed(2) : "newcomer with an attempt out"}`];
  if (latencyMs > 0) parts.push(ms(latencyMs));
  if (failures > 0) parts.push(`${(failures * 100).toFixed(0)} % failing${onHold ? " (asked to be left alone)" : ""}`);
  parts.push(`${pending} pending`);
  return `${endpoint}: ${parts.join(", ")}`;
}

function ofAttempt({ attempt, endpoint, outcome, elapsedMs, consecutive }: AttemptDecision): string {
  const row = consecutive > 1 ? `, ${consecutive} failures in a row there` : "";
  return `attempt ${attempt} at ${endpoint}: ${OUTCOMES[outcome]} after ${ms(elapsedMs)}${row}`;
}

const OUTCOMES: Readonly<Record<AttemptDecision["outcome"], string>> = {
  success: "success",
  ignored: "ended without a verdict",
  connect: "could not connect",
  reset: "reset before a response",
  timeout: "no answer in time, given up",
  "server-error": "5xx answer",
  overloaded: "overload answer",
  protocol: "unreadable answer",
  truncated: "answer cut",
};

const DENIALS: Readonly<Record<Exclude<RetryDecision["verdict"], "retried">, string>> = {
  attempts: "maxRetries is used up",
  budget: "the retry budget is spent",
  "not-idempotent": "the call may have run and is not idempotent",
  "not-listed": "this kind of failure is not in retry.on",
  deadline: "the pause would outlast the deadline",
  body: "the request's body cannot be sent again",
  "refused-by-endpoint": "the endpoint forbids it",
  committed: "the response had begun",
};

function ofRetry({ verdict, pauseMs, budget }: RetryDecision): string {
  const left = `${budget.toFixed(0)} retries left in the budget`;
  if (verdict === "retried") return `retried after ${ms(pauseMs)}; ${left}`;
  return `not retried: ${DENIALS[verdict]}; ${left}`;
}

function ofHedge({ attempt, verdict, elapsedMs, budget }: HedgeDecision): string {
  switch (verdict) {
    case "started":
      return `no answer after ${ms(elapsedMs)}: attempt ${attempt} joins as a hedge; ${budget.toFixed(0)} hedges left in the budget`;
    case "won":
      return `attempt ${attempt}, the hedge, gave the answer ${ms(elapsedMs)} after the first began`;
    case "lost":
      return `attempt ${attempt} gave the answer after ${ms(elapsedMs)}, before its hedge`;
    case "budget":
      return `no hedge after ${ms(elapsedMs)}: the hedge budget is spent (hedge.maxExtraRatio)`;
    case "nowhere":
      return `no hedge after ${ms(elapsedMs)}: no other endpoint would take it`;
    case "body":
      return `no hedge after ${ms(elapsedMs)}: the request's body cannot be sent again`;
    default:
      return verdict satisfies never;
  }
}

function ofRefusal({ by, value }: RefusalDecision): string {
  switch (by) {
    case "circuit-breaker":
      return `refused: the circuit is open, next trial in ${ms(value)}`;
    case "limits.calls":
      return `refused: limits.calls, ${value} calls are running`;
    case "deadline":
      return "refused: the deadline had passed when the call came";
    default:
      return by satisfies never;
  }
}

function ms(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

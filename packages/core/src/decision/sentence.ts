import type {
  Absent,
  AttemptDecision,
  BreakerDecision,
  Candidate,
  Decision,
  HedgeDecision,
  PickDecision,
  PickedSession,
  RefusalDecision,
  RetryDecision,
} from "./decision.ts";
import { ATTEMPT_FIELD, type OtherAttempt } from "../policy/retry/other-attempt.ts";
import { isOutlierTest } from "../cluster/outlier-tests.ts";
import type { EjectionReason } from "../events.ts";
import { FAILURE_WORDS } from "../outcome.ts";
import { hundredths, lengthText } from "./length.ts";
import { HOT, UNSEEN } from "./pick-record.ts";

/** A decision in words, without the instant: `attempt 1 at orders-2: could not connect after 2.0 ms`. */
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
    case "breaker":
      return ofBreaker(decision);
    default:
      return decision satisfies never;
  }
}

function ofPick(pick: PickDecision): string {
  const sick = pick.unhealthy > 0 ? `, ${pick.unhealthy} unhealthy by active checks` : "";
  const out = pick.absent.length === 0 ? "" : `; out: ${absentText(pick)}`;
  const state = `${pick.available} of ${pick.members} endpoints available, ${pick.ejected} ejected${sick}${groupText(pick)}${out}${sessionText(pick)}${drawsText(pick)}`;
  switch (pick.verdict) {
    case "chosen":
      return `attempt ${pick.attempt} goes to ${pick.endpoint}${compared(pick)}; ${state}`;
    case "session":
      return `attempt ${pick.attempt} goes to ${pick.endpoint}, which keeps its session; ${state}`;
    case "trial":
      return `attempt ${pick.attempt} goes to ${pick.endpoint}: its ejection ran out, this is the trial that decides; ${state}`;
    case "unkeyed":
      return `attempt ${pick.attempt} goes to ${pick.endpoint} by chance: the call has no key to hash; ${state}`;
    case "passed-on":
      return `attempt ${pick.attempt} goes to ${pick.endpoint}${compared(pick)}: passed on by one that takes less, being new (slowStart) or in part another caller's (subset); ${state}`;
    case "only-tried":
      return `attempt ${pick.attempt} goes to ${pick.endpoint} again: every endpoint that is left has been tried; ${state}`;
    case "none-known":
      return "no endpoint: the registry knows none";
    case "all-draining":
      return `no endpoint: all ${pick.members} are draining`;
    case "all-ejected":
      return `no endpoint: all ${pick.ejected} are ejected: ${absentText(pick)}`;
    case "all-full":
      return `no endpoint: each of ${pick.available} available is at limits.callsPerEndpoint`;
    case "all-learned-full":
      return `no endpoint: each of ${pick.available} available has as many calls as it answers without waiting (limits.adaptivePerEndpoint)`;
    case "session-bound":
      return `no endpoint${sessionText(pick)}`;
    default:
      return pick.verdict satisfies never;
  }
}

/** Indexes into those that were available, or shares of the whole weight. */
function drawsText({ draws }: PickDecision): string {
  return draws.length === 0 ? "" : `; drew ${draws.map((draw) => Math.round(draw * 1e4) / 1e4).join(" and ")}`;
}

function groupText({ group, beyondGroup }: PickDecision): string {
  if (group === undefined) return "";
  const { priority, zone, share, panic, zonesOff, spill, lookFrom } = group;
  const off = zonesOff === undefined ? "" : `; zone-aware: off because ${zonesOff}`;
  if (priority === undefined) return off;
  const name = `${zone === undefined ? "" : `zone ${zone}, `}priority ${priority}`;
  const part = `${name}${panic ? " in panic" : ""}, which gets ${Number((share * 100).toFixed(2))} % of the picks`;
  if (lookFrom !== undefined && !beyondGroup)
    return `; a look at how zones other than ${lookFrom} do, in ${part} at most`;
  const why = spill === undefined ? "" : `, as ${spill}`;
  return `; ${beyondGroup ? "among all, as nobody was open in" : "in"} ${part}${off}${why}`;
}

/** Why the call does not go where its session is; nothing when it does. */
function sessionText({ verdict, endpoint, session }: PickDecision): string {
  if (session === undefined || session.endpoint === endpoint) return "";
  const { endpoint: keeper = "an endpoint", fate, forMs } = session;
  const moves = verdict === "session-bound" ? "may not move (sticky.onUnavailable)" : "moves";
  return `; its session ${moves} from ${keeper}, which ${fate === "ejected" ? `is ejected ${untilText(forMs)}` : FATES[fate]}`;
}

const FATES: Readonly<Record<Exclude<PickedSession["fate"], "ejected">, string>> = {
  kept: "keeps it",
  lost: "is not known any more",
  tried: "has been tried",
  full: "is at its limit of calls",
  draining: "drains",
  registry: "fails the registry's checks",
  "active-check": "fails its active check",
  trial: "is on trial after its ejection",
};

function absentText({ absent, members, available }: PickDecision): string {
  const more = members - available - absent.length;
  return `${absent.map(absence).join(", ")}${more > 0 ? `, ${more} more` : ""}`;
}

function absence({ endpoint, why, forMs, by }: Absent): string {
  if (why !== "ejected") return `${endpoint} (${ABSENCES[why]})`;
  return `${endpoint} (ejected ${untilText(forMs)}${byText(by)})`;
}

/** What ejected it: the kind of its failures, a test, or somebody. */
function byText(by: EjectionReason | undefined): string {
  if (by === undefined) return "";
  if (by === "by-hand") return ", by hand";
  return isOutlierTest(by) ? `, by the ${by} test` : `, for ${FAILURE_WORDS[by]}`;
}

function untilText(forMs: number | null): string {
  return forMs === null ? "until it is restored" : `for another ${lengthText(forMs)}`;
}

const ABSENCES: Readonly<Record<Exclude<Absent["why"], "ejected">, string>> = {
  draining: "draining",
  registry: "fails the registry's checks",
  "active-check": "fails its active check",
  trial: "on trial after its ejection",
};

function compared({ endpoint, candidates, compared: count, typicalMs }: PickDecision): string {
  let weighed = 0;
  let words = "";
  let least = Number.POSITIVE_INFINITY;
  for (const one of candidates) {
    if (!isWeighed(one)) continue;
    words += weighed++ === 0 ? candidate(one) : `; ${candidate(one)}`;
    if (one.load !== null && one.load < least) least = one.load;
  }
  if (weighed < 2) return isUnseen(candidates) ? ", of which nothing was heard for a second" : "";
  const more = count > candidates.length ? `, ${count - candidates.length} more` : "";
  const won = candidates.some((one) => one.endpoint === endpoint && one.load === least) ? ", the lowest load" : "";
  return `${won} (${words}${more}; typical ${lengthText(typicalMs)})`;
}

/** Whether anything was looked at to compare it by. */
function isWeighed({ latencyMs, load }: Candidate): boolean {
  return load === null || load > 0 || latencyMs > 0;
}

/** Whether the only one looked at was taken for that reason. */
function isUnseen([first, ...others]: readonly Candidate[]): boolean {
  return first?.load === UNSEEN && others.length === 0;
}

function candidate({ endpoint, load, latencyMs, failures, pending, weight, onHold, inFlight }: Candidate): string {
  if (load === null) return `${endpoint}: tried already or full`;
  const words = load < HOT ? `load ${hundredths(load)}` : load < 2 ** 46 ? "hot" : "load newcomer with an attempt out";
  const latency = latencyMs > 0 ? `, ${lengthText(latencyMs)}` : "";
  const failing =
    failures > 0 ? `, ${Math.round(failures * 100)} % failing${onHold ? " (asked to be left alone)" : ""}` : "";
  const flight = inFlight === null ? "" : `, ${inFlight} in flight`;
  const share = weight === 1 ? "" : `, weight ${Number(weight.toPrecision(3))}`;
  return `${endpoint}: ${words}${latency}${failing}${flight}, ${pending} pending${share}`;
}

function ofAttempt(decision: AttemptDecision): string {
  const { attempt, endpoint, outcome, elapsedMs, consecutive, ejectedForMs, ejectedBy } = decision;
  const row = consecutive > 1 ? `, ${consecutive} failures in a row there` : "";
  const out =
    ejectedForMs === 0
      ? ""
      : `; it is ejected ${ejectedForMs === null ? "until it is restored" : `for ${lengthText(ejectedForMs)}`}${byText(ejectedBy)}`;
  return `attempt ${attempt} at ${endpoint}: ${OUTCOMES[outcome]} after ${lengthText(elapsedMs)}${row}${out}`;
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

const DENIALS: Readonly<Record<Exclude<RetryDecision["verdict"], "retried" | "renewed">, string>> = {
  attempts: "maxRetries is used up",
  budget: "the retry budget is spent",
  concurrency: "refused by the cap on concurrent retries",
  "left-to-caller": "left to",
  "retry-after":
    "the endpoint asks for a longer pause than is waited for (retry.retryAfter), or than the deadline leaves",
  "not-idempotent": "the call may have run and is not idempotent",
  "not-listed": "this kind of failure is not in retry.on",
  deadline: "the pause would outlast the deadline",
  body: "the request's body cannot be sent again",
  "refused-by-endpoint": "the endpoint forbids it",
  committed: "the response had begun",
};

const REPEATERS: Readonly<Record<OtherAttempt["by"], string>> = {
  sdk: "the SDK",
  sidecar: "the sidecar",
  gateway: "the gateway",
  grpc: "the caller's gRPC",
  other: "the caller",
};

function ofRetry({ verdict, pauseMs, budget, budgetBefore, underWay, leftTo }: RetryDecision): string {
  const left = `${budget.toFixed(0)} retries left in the budget`;
  if (verdict === "retried")
    return `retried after a pause of ${lengthText(pauseMs)}; ${left}, ${budgetBefore.toFixed(0)} before`;
  if (verdict === "renewed")
    return `retried at once on a fresh connection, at no cost: the one it met had been closed; ${left}`;
  return `not retried: ${DENIALS[verdict]}${detailText(underWay, leftTo)}; ${left}`;
}

function detailText(underWay: RetryDecision["underWay"], leftTo: RetryDecision["leftTo"]): string {
  if (underWay !== undefined) return `: ${underWay.running} of ${underWay.most}`;
  if (leftTo === undefined) return "";
  const { number, most, by } = leftTo;
  if (most > 0) return ` ${REPEATERS[by]}: ${ATTEMPT_FIELD} ${number}/${most}${by === "other" ? "" : `;by=${by}`}`;
  return ` ${REPEATERS[by]}, which repeats it by itself`;
}

function ofHedge({ attempt, verdict, elapsedMs, budget }: HedgeDecision): string {
  switch (verdict) {
    case "started":
      return `no answer after ${lengthText(elapsedMs)}: attempt ${attempt} joins as a hedge; ${budget.toFixed(0)} hedges left in the budget`;
    case "won":
      return `attempt ${attempt}, the hedge, gave the answer ${lengthText(elapsedMs)} after the first began`;
    case "lost":
      return `attempt ${attempt} gave the answer after ${lengthText(elapsedMs)}, before its hedge`;
    case "budget":
      return `no hedge after ${lengthText(elapsedMs)}: the hedge budget is spent (hedge.maxExtraRatio)`;
    case "nowhere":
      return `no hedge after ${lengthText(elapsedMs)}: no other endpoint would take it`;
    case "body":
      return `no hedge after ${lengthText(elapsedMs)}: the request's body cannot be sent again`;
    default:
      return verdict satisfies never;
  }
}

function ofRefusal({ by, value }: RefusalDecision): string {
  switch (by) {
    case "circuit-breaker":
      return `refused: the circuit is open, next trial in ${lengthText(value)}`;
    case "limits.calls":
      return `refused: limits.calls, ${value} calls are running`;
    case "limits.adaptive":
      return `refused: limits.adaptive, ${value} calls are running, as many as are answered without waiting`;
    case "limits.shares":
      return `refused: limits.shares, ${value} calls of its importance are running, no fewer than their share`;
    case "rule-limits":
      return `refused: the limits of the rule that the call matches, ${value} calls of it are running`;
    case "rate-limit":
      return `refused: rateLimit, the next call may go in ${lengthText(value)}`;
    case "admission-control":
      return `refused: admission, ${value} % of the calls are not sent, for too many fail for overload`;
    case "deadline":
      return "refused: the deadline had passed when the call came";
    default:
      return by satisfies never;
  }
}

function ofBreaker({ state }: BreakerDecision): string {
  return state === "half-open"
    ? "let through as the trial that decides whether the circuit closes again"
    : `let through while the circuit is ${state}`;
}

import { type Decision, sentence } from "@weft/core";
import { explainText } from "@weft/runtime";
import type { AdminView } from "./admin-view.ts";
import { type AdminRequest, isSet, needed, optional, wholeNumber } from "./admin-query.ts";
import { json, Problem, type Reply, text } from "./reply.ts";
import { showService } from "./show-service.ts";

/** How many decisions a service keeps. */
const MOST = 256;

/** `/explain?service=..&call=..&last=..&failed&format=..`: why it was decided so, in words or as data. */
export function showExplanation(request: AdminRequest, view: AdminView): Reply {
  const { query } = request;
  const name = needed(query, "service");
  const call = wholeNumber(query, "call", 0, Number.MAX_SAFE_INTEGER);
  const last = wholeNumber(query, "last", 1, MOST) ?? 20;
  const failed = isSet(query, "failed");
  const format = formatOf(request);
  const service = view.service(name);
  const all = view.decisions(name, call);
  if (service === undefined || all === undefined) throw unknownService(name, view);
  const decisions = (failed ? ofFailedCalls(all) : all).slice(-last);
  if (format === "text") {
    const none = `no decision is kept${failed ? " of a call that failed" : ""}; the last ${MOST} of each service are\n`;
    return text(decisions.length === 0 ? none : `${explainText(decisions, service.atMs)}\n`);
  }
  return json({
    service: showService(service),
    decisions: decisions.map((decision) => show(decision, service.atMs)),
  });
}

/** With its age in the place of an instant that means nothing outside the process. */
function show(decision: Decision, nowMs: number): object {
  const { atMs, ...rest } = decision;
  return { agoMs: Math.round((nowMs - atMs) * 1_000) / 1_000, text: sentence(decision), ...rest };
}

/** @returns Problem 404 that says which names there are */
export function unknownService(name: string, view: AdminView): Problem {
  const known = view.services().map(({ service }) => service);
  const list = known.length === 0 ? "none" : `${known.slice(0, 20).join(", ")}${known.length > 20 ? ", ..." : ""}`;
  return new Problem(404, `there is no service "${name.slice(0, 100)}"; known: ${list}`);
}

/**
 * All decisions about the calls of which one says that something went wrong: an attempt that failed, a refusal, a pick
 * that found nobody.
 */
function ofFailedCalls(decisions: readonly Decision[]): readonly Decision[] {
  const failed = new Set(decisions.filter(tellsFailure).map(({ call }) => call));
  return decisions.filter(({ call }) => failed.has(call));
}

function tellsFailure(decision: Decision): boolean {
  switch (decision.kind) {
    case "attempt":
      return decision.outcome !== "success" && decision.outcome !== "ignored";
    case "refusal":
      return true;
    case "pick":
      return decision.endpoint === undefined;
    case "retry":
    case "hedge":
      return false; // what it was about is said by an attempt
    default:
      return decision satisfies never;
  }
}

/** @throws Problem 400 for a format that there is not */
function formatOf({ query, accept }: AdminRequest): "text" | "json" {
  const asked = optional(query, "format");
  if (asked === "text" || asked === "json") return asked;
  if (asked !== undefined) throw new Problem(400, 'the parameter "format" must be text or json');
  return accept.includes("application/json") ? "json" : "text";
}

import { type Decision, sentence } from "@weft/core";
import {
  callText,
  type ExplainedCall,
  explainEnded,
  explainService,
  explainTrace,
  type TraceExplanation,
  wasTroubled,
} from "@weft/runtime";
import { type AdminRequest, isSet, optional, wholeNumber } from "./admin-query.ts";
import type { AdminView } from "./admin-view.ts";
import { type EndpointPage, endpointPage } from "./endpoint-page.ts";
import { json, Problem, type Reply, text } from "./reply.ts";
import { rounded } from "./rounded.ts";
import { showCall, type ShownCall } from "./show-calls.ts";
import { showService, type ShownService } from "./show-service.ts";
import { unknownService } from "./unknown-service.ts";

/** So many calls at most in one answer. */
const MOST = 256;

/** A call and why it went as it did, as `/explain` shows it. Part of the API: docs/admin.md has every field. */
export interface ShownExplanation {
  readonly call: number;
  readonly service: string;
  /** Null: it runs, or its end is no longer kept. */
  readonly end: ShownCall | null;
  /** All of it in words: a line for the call, and one for each decision. */
  readonly text: string;
  readonly decisions: readonly object[];
}

/** What is asked about: one trace, one service, or whatever failed. */
interface Asked {
  readonly calls: readonly ExplainedCall[];
  readonly service?: ShownService;
  /** What is said when there is none. */
  readonly none: string;
}

/** `/explain?trace=.. | ?service=..&call=..&last=..&failed | ?failed&last=..`, and `&since=..`: why it was decided so. */
export function showExplanation(request: AdminRequest, view: AdminView): Reply {
  const format = formatOf(request);
  const { calls, none, service } = asked(request, view);
  if (format === "text") {
    const nowMs = view.nowMs();
    return text(calls.length === 0 ? `${none}\n` : `${calls.map((call) => callText(call, nowMs)).join("\n")}\n`);
  }
  const shown = calls.map((call) => show(call, view));
  return json({
    ...(service === undefined ? {} : { service }),
    ...(shown.length === 0 ? { none } : {}),
    began: new Date(view.sinceEpochMs).toISOString(),
    newest: view.calls.newest,
    calls: shown,
  });
}

function asked({ query }: AdminRequest, view: AdminView): Asked {
  const trace = optional(query, "trace");
  const service = optional(query, "service");
  const last = wholeNumber(query, "last", 1, MOST) ?? 20;
  const failed = isSet(query, "failed");
  const call = wholeNumber(query, "call", 0, Number.MAX_SAFE_INTEGER);
  const since = wholeNumber(query, "since", 0, Number.MAX_SAFE_INTEGER);
  if (trace !== undefined) {
    if (service !== undefined || failed || call !== undefined || since !== undefined)
      throw new Problem(400, "a trace is asked for alone: without service, call, failed and since");
    return ofTrace(trace, view);
  }
  if (service === "") throw new Problem(400, 'the parameter "service" is empty');
  if (since !== undefined && call !== undefined)
    throw new Problem(400, 'the parameter "since" means nothing beside "call"');
  if (since !== undefined && (service !== undefined || failed)) return ofEnded({ service, failed, since, last }, view);
  if (service !== undefined) return ofService(service, { call, last, failed, endpoints: endpointPage(query) }, view);
  if (call !== undefined) throw new Problem(400, 'the parameter "call" needs "service" beside it');
  if (!failed) throw new Problem(400, 'ask with trace=ID, service=NAME or failed, as in "/explain?service=orders"');
  return ofEnded({ service, failed, since: 0, last }, view);
}

/** @throws Problem 400 when it is no trace id, 404 when no call of it is kept */
function ofTrace(trace: string, view: AdminView): Asked {
  const { traceId, calls } = traceOf(trace, view);
  if (calls.length === 0)
    throw new Problem(404, `no call of the trace ${traceId} has ended here and is kept; ${keptText(view)}`);
  return { calls, none: "" };
}

/** @throws Problem 400 when it is no trace id */
function traceOf(trace: string, view: AdminView): TraceExplanation {
  try {
    const { calls } = view;
    return explainTrace(trace, { calls, nowMs: view.nowMs(), decisionsOf: (of, call) => decisionsOf(view, of, call) });
  } catch (error) {
    throw error instanceof RangeError ? new Problem(400, error.message) : error;
  }
}

/** Which calls of a service are asked for, and which of its endpoints are shown beside them. */
interface OfService {
  readonly call: number | undefined;
  readonly last: number;
  readonly failed: boolean;
  readonly endpoints: EndpointPage;
}

function ofService(name: string, { call, last, failed, endpoints }: OfService, view: AdminView): Asked {
  const service = view.service(name);
  const decisions = view.decisions(name, call);
  const ended = view.calls.last(Number.POSITIVE_INFINITY, { service: name });
  if (service === undefined || decisions === undefined) {
    // Whom a request asked for in vain, perhaps.
    const refused = explainEnded(ended, () => []).filter(({ end }) => end?.refusal !== undefined);
    const calls = refused.filter((one) => call === undefined || one.call === call).slice(-last);
    if (calls.length === 0) throw unknownService(name, view);
    return { calls, none: "" };
  }
  const all = explainService(name, call === undefined ? ended : ended.filter((end) => end.call === call), decisions);
  const calls = (failed ? all.filter(wasTroubled) : all).slice(-last);
  const which = call === undefined ? (failed ? "no call that failed" : "no call") : `no call ${call}`;
  return { calls, service: showService(service, endpoints), none: `${which} is kept; ${keptText(view)}` };
}

/** Which calls that have ended. */
interface OfEnded {
  /** Undefined: of all. */
  readonly service: string | undefined;
  readonly failed: boolean;
  /** Only those that ended after the one of this `seq`. */
  readonly since: number;
  readonly last: number;
}

function ofEnded({ service, failed, since, last }: OfEnded, view: AdminView): Asked {
  if (service !== undefined && view.service(service) === undefined) throw unknownService(service, view);
  const ended = view.calls.last(last, { troubled: failed, since, ...(service === undefined ? {} : { service }) });
  const calls = explainEnded(ended, (of, call) => decisionsOf(view, of, call));
  return { calls, none: `no call${failed ? " that failed" : ""} is kept; ${keptText(view)}` };
}

function decisionsOf(view: AdminView, service: string, call: number): readonly Decision[] {
  return view.decisions(service, call) ?? []; // the service has been given up since
}

function keptText({ calls: { kept } }: AdminView): string {
  return `kept are the last ${kept.calls} calls, and ${kept.troubled} that failed or were tried more than once`;
}

function show(explained: ExplainedCall, view: AdminView): ShownExplanation {
  const { call, service, end, decisions } = explained;
  const sinceMs = end?.startedMs ?? decisions[0]?.atMs ?? 0;
  return {
    call,
    service,
    end: end === undefined ? null : showCall(end, view),
    text: callText(explained, view.nowMs()),
    decisions: decisions.map((decision) => showDecision(decision, sinceMs, view.nowMs())),
  };
}

/** With lengths in the place of an instant that means nothing outside the process. */
function showDecision(decision: Decision, sinceMs: number, nowMs: number): object {
  const { atMs, ...rest } = decision;
  return {
    agoMs: rounded(nowMs - atMs),
    afterMs: rounded(Math.max(0, atMs - sinceMs)),
    text: sentence(decision),
    ...rest,
  };
}

/** @throws Problem 400 for a format that there is not */
function formatOf({ query, accept }: AdminRequest): "text" | "json" {
  const format = optional(query, "format");
  if (format === "text" || format === "json") return format;
  if (format !== undefined) throw new Problem(400, 'the parameter "format" must be text or json');
  return accept.includes("application/json") ? "json" : "text";
}

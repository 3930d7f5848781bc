import { type EndedCall, flagsOfEnded } from "@weft/runtime";
import { type AdminRequest, isSet, optional, wholeNumber } from "./admin-query.ts";
import type { AdminView } from "./admin-view.ts";
import { dense, type Reply } from "./reply.ts";
import { rounded } from "./rounded.ts";
import { unknownService } from "./unknown-service.ts";

/** A call that has ended, as `/calls` and `/explain` show it. Part of the API: docs/admin.md has every field. */
export interface ShownCall {
  readonly seq: number;
  readonly call: number;
  readonly side: EndedCall["side"];
  readonly service: string;
  readonly endpoint: string | null;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Since it began. */
  readonly agoMs: number;
  readonly durationMs: number;
  readonly status: number;
  readonly grpcStatus: number | null;
  readonly attempts: number;
  readonly error: string | null;
  readonly failed: boolean;
  /** Letters of what went wrong, as the access log has them. */
  readonly flags: readonly string[];
  /** Why it went to no service, in words. Null: it did. */
  readonly refused: string | null;
  readonly traceId: string | null;
}

/** So many at most in one answer. */
const MOST = 1_000;

/** `/calls?last=..&since=..&service=..&failed`: those that ended last, oldest first. */
export function showCalls({ query }: AdminRequest, view: AdminView): Reply {
  const last = wholeNumber(query, "last", 1, MOST) ?? 100;
  const since = wholeNumber(query, "since", 0, Number.MAX_SAFE_INTEGER);
  const service = optional(query, "service");
  const troubled = isSet(query, "failed");
  if (service !== undefined && view.service(service) === undefined) throw unknownService(service, view);
  const { calls } = view;
  const found = calls.last(last, {
    troubled,
    ...(service === undefined ? {} : { service }),
    ...(since === undefined ? {} : { since }),
  });
  return dense({ newest: calls.newest, calls: found.map((call) => showCall(call, view)) });
}

export function showCall(call: EndedCall, view: AdminView): ShownCall {
  const { endpoint, grpcStatus, error, traceId, refusal } = call;
  const wrong = error !== undefined || call.failed || call.attempts > 1;
  const decisions = wrong && refusal === undefined ? view.decisions(call.service, call.call) : undefined;
  const agoMs = view.nowMs() - call.startedMs;
  return {
    seq: call.seq,
    call: call.call,
    side: call.side,
    service: call.service,
    endpoint: endpoint ?? null,
    startedAt: new Date(view.epochMs() - agoMs).toISOString(),
    agoMs: rounded(agoMs),
    durationMs: rounded(call.durationMs),
    status: call.status,
    grpcStatus: grpcStatus < 0 ? null : grpcStatus,
    attempts: call.attempts,
    error: error ?? null,
    failed: call.failed,
    flags: flagsOfEnded(call, decisions ?? []),
    refused: refusal?.why ?? null,
    traceId: traceId ?? null,
  };
}

import type { TraceFields } from "@weft/core";
import { type CallerExchange, LateBody, type OutgoingRequest, type RequestHead, type WholeBody } from "@weft/http";
import { deadlineText } from "@weft/runtime";
import { grpcTimeoutOf } from "../grpc/grpc-timeout.ts";
import { headOfNextHop } from "./max-forwards.ts";
import { OTHER_DEADLINES, restateDeadline } from "./received-deadline.ts";
import { ReplayableBody } from "./replayable-body.ts";

/** The body of a hop's request: all of it, what it comes from, what comes once it is a WebSocket, or none. */
export type HopBody = WholeBody | ReplayableBody | LateBody | undefined;

/** What a caller's exchange has for a body. @param replayBytes of it are remembered for a retry */
export function hopBody(
  { head, whole, body }: Pick<CallerExchange, "head" | "whole" | "body">,
  replayBytes: number,
): HopBody {
  if (body !== undefined) return new ReplayableBody(body, replayBytes);
  if (whole !== undefined || head.upgrade === "") return whole;
  const opensWebSocket = /^websocket$/i.test(head.upgrade) && head.method === "GET" && head.has(WEB_SOCKET_KEY);
  return opensWebSocket ? new LateBody() : undefined;
}

/** What a WebSocket over HTTP/1.1 is asked for with. */
export const WEB_SOCKET_KEY = "sec-websocket-key";

/** Our own `Via` field, by what the request came in. Source: RFC 9110 7.6.3. */
export interface ViaFields {
  readonly http10: string;
  readonly http11: string;
  readonly http2: string;
}

/** @param name our pseudonym */
export function viaFields(name: string): ViaFields {
  return { http10: `1.0 ${name}`, http11: `1.1 ${name}`, http2: `2 ${name}` };
}

/**
 * What goes to an endpoint for a caller's request.
 *
 * @param trace carries the trace on
 * @param leftMs until the deadline of the call; Infinity when there is none
 */
export function outgoingRequest(
  came: RequestHead,
  body: HopBody,
  trace: TraceFields,
  leftMs: number,
  via: ViaFields,
): OutgoingRequest {
  const head = headOfNextHop(came);
  const endless = leftMs === Number.POSITIVE_INFINITY;
  if ((head.seen & OTHER_DEADLINES) !== 0) restateDeadline(head, leftMs);
  return {
    head: trace.others.length === 0 ? head : head.with(trace.others),
    traceparent: trace.traceparent,
    deadline: endless ? "" : deadlineText(leftMs),
    grpcTimeout: head.grpcTimeout === "" || endless ? head.grpcTimeout : grpcTimeoutOf(leftMs),
    via: viaOf(head.version, via),
    upgrades: head.protocol !== "" || mayUpgrade(head, body),
    body,
  };
}

/** By comparisons: a property of the name "2" is looked for as an element, and takes thrice as long. */
function viaOf(version: RequestHead["version"], { http10, http11, http2 }: ViaFields): string {
  return version === "2" ? http2 : version === "1.1" ? http11 : http10;
}

/** Whether it asks for another protocol in a form that is passed on. h2c by Upgrade is gone: RFC 9113. */
function mayUpgrade({ upgrade, minor }: RequestHead, body: HopBody): boolean {
  if (upgrade === "" || minor === 0 || /\bh2c\b/i.test(upgrade)) return false;
  return body === undefined || body instanceof LateBody;
}

import { sentence } from "@weft/core";
import { type RefusedBytes, SEEN, type ServerExchange } from "@weft/http";
import type { Hop } from "../hop/hop.ts";
import { traceIdOf } from "../hop/trace-context.ts";
import type { SidecarService } from "../service/sidecar-service.ts";
import type { AccessEntry } from "./access-entry.ts";
import { flagOf, type ResponseFlag } from "./response-flags.ts";

/** What the log says of an exchange that went to a service. */
export function entryOfHop(hop: Hop, service: SidecarService, epochMs: number): AccessEntry {
  const { exchange, call, attempt, endpoint, tunnel } = hop;
  const durationMs = hop.endedMs - call.startedMs;
  return {
    ...asked(exchange, hop.listener.name),
    ...(tunnel === undefined ? {} : { bytesIn: tunnel.bytesAToB, bytesOut: tunnel.bytesBToA }),
    protocol: tunnel !== undefined ? "upgrade" : exchange.head.minor === 1 ? "HTTP/1.1" : "HTTP/1.0",
    status: exchange.status,
    flags: flagsOf(hop).join(","),
    why: whyOf(hop, service),
    service: call.service,
    endpoint: endpoint?.id ?? "",
    attempts: call.attempt,
    startedEpochMs: epochMs - durationMs,
    durationMs,
    firstByteMs: attempt === undefined ? -1 : attempt.answeredMs - call.startedMs,
    traceId: traceIdOf(hop.traceparent),
    end: hop.end,
  };
}

/** What it says of one that was answered before any service was asked. */
export function entryOfRefused(
  exchange: ServerExchange,
  listener: string,
  flag: ResponseFlag,
  why: string,
  epochMs: number,
): AccessEntry {
  return {
    ...asked(exchange, listener),
    protocol: exchange.head.minor === 1 ? "HTTP/1.1" : "HTTP/1.0",
    status: exchange.status,
    flags: flag,
    why: [why],
    service: "",
    endpoint: "",
    attempts: 0,
    startedEpochMs: epochMs,
    durationMs: 0,
    firstByteMs: -1,
    traceId: "",
    end: "mesh",
  };
}

/** What it says of bytes that are no request. */
export function entryOfBytes({ peer, status, detail }: RefusedBytes, listener: string, epochMs: number): AccessEntry {
  return {
    listener,
    protocol: "HTTP/1.1",
    method: "",
    authority: "",
    path: "",
    status,
    flags: status === 408 ? "SI" : "DPE",
    why: [detail],
    service: "",
    endpoint: "",
    attempts: 0,
    startedEpochMs: epochMs,
    durationMs: 0,
    firstByteMs: -1,
    bytesIn: 0,
    bytesOut: 0,
    peer,
    traceId: "",
    requestId: "",
    userAgent: "",
    end: "caller",
  };
}

/** What the request itself says. */
function asked(exchange: ServerExchange, listener: string) {
  const { head, connection, bytesIn, bytesOut } = exchange;
  return {
    listener,
    method: head.method,
    authority: head.authority,
    path: head.target,
    bytesIn,
    bytesOut,
    peer: connection.peer,
    requestId: (head.seen & SEEN.requestId) === 0 ? "" : (head.get("x-request-id") ?? ""),
    userAgent: (head.seen & SEEN.userAgent) === 0 ? "" : (head.get("user-agent") ?? ""),
  };
}

function flagsOf(hop: Hop): ResponseFlag[] {
  const { error, end, call } = hop;
  if (end === "caller") return ["DC"];
  if (error === undefined) return [];
  // More than one attempt, and still no answer: what was allowed of retries is used up.
  return call.attempt > 1 ? [flagOf(error.code), "URX"] : [flagOf(error.code)];
}

/** The decisions about a call that did not simply go well, in words; nothing for one that did. */
function whyOf(hop: Hop, { runtime }: SidecarService): readonly string[] {
  const { error, call, end, exchange } = hop;
  if (error === undefined && end === "complete" && call.attempt === 1 && exchange.status < 500) return [];
  const causes = runtime.cluster.explain(call.number).map(sentence);
  return error === undefined ? causes : [...causes, error.message];
}

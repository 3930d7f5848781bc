import { hasFailed, sentence } from "@weft/core";
import { type CallerExchange, type RefusedBytes, SEEN } from "@weft/http";
import type { Hop } from "../hop/hop.ts";
import type { TurnedAwayConnections } from "../listener/turned-away.ts";
import type { AccessEntry } from "./access-entry.ts";
import { flagsOfHop } from "./flags-of-hop.ts";
import type { ResponseFlag } from "./response-flags.ts";

const PROTOCOLS = { "1.0": "HTTP/1.0", "1.1": "HTTP/1.1", "2": "HTTP/2" } as const;

/** What the log says of an exchange that went to a service. */
export function entryOfHop(hop: Hop, epochMs: number): AccessEntry {
  const { exchange, call, attempt, endpoint, tunnel, failure } = hop;
  const decisions = wentWell(hop) ? [] : hop.ports.decisions(call);
  const durationMs = hop.endedMs - call.startedMs;
  return {
    ...asked(exchange, hop.listener.name),
    ...(tunnel === undefined ? {} : { bytesIn: tunnel.bytesAToB, bytesOut: tunnel.bytesBToA }),
    protocol:
      tunnel !== undefined || (hop.switched && attempt !== undefined) ? "upgrade" : PROTOCOLS[exchange.head.version],
    status: exchange.status,
    grpcStatus: hop.grpcStatus,
    flags: flagsOfHop(hop, decisions).join(","),
    why: failure === undefined ? decisions.map(sentence) : [...decisions.map(sentence), failure.message],
    service: call.service,
    endpoint: endpoint?.id ?? "",
    attempts: call.attempt,
    startedEpochMs: epochMs - durationMs,
    durationMs,
    firstByteMs: attempt === undefined ? -1 : attempt.answeredMs - call.startedMs,
    traceId: hop.trace.traceId,
    end: hop.end,
  };
}

/** What it says of one that was answered before any service was asked. @param traceId its caller's, "" for none */
export function entryOfRefused(
  exchange: CallerExchange,
  listener: string,
  grpcStatus: number,
  traceId: string,
  flag: ResponseFlag,
  why: string,
  epochMs: number,
): AccessEntry {
  return {
    ...asked(exchange, listener),
    protocol: PROTOCOLS[exchange.head.version],
    status: exchange.status,
    grpcStatus,
    flags: flag,
    why: [why],
    service: "",
    endpoint: "",
    attempts: 0,
    startedEpochMs: epochMs,
    durationMs: 0,
    firstByteMs: -1,
    traceId,
    end: "mesh",
  };
}

/** What it says of bytes that are no request. */
export function entryOfBytes(
  { peer, protocol, status, detail }: RefusedBytes,
  listener: string,
  epochMs: number,
): AccessEntry {
  return {
    ...UNASKED,
    listener,
    protocol,
    status,
    flags: status === 408 ? "SI" : "DPE",
    why: [detail],
    peer,
    startedEpochMs: epochMs,
  };
}

/** What it says of connections that were turned away, of all of them together. */
export function entryOfTurnedAway(
  { count, peer, why }: TurnedAwayConnections,
  listener: string,
  epochMs: number,
): AccessEntry {
  const which = count === 1 ? "a connection was" : `${count} connections were`;
  return {
    ...UNASKED,
    listener,
    protocol: "TCP",
    flags: "LR",
    why: [`${which} turned away: ${why}`],
    peer,
    startedEpochMs: epochMs,
  };
}

/** Of where no request was. */
const UNASKED = {
  method: "",
  authority: "",
  path: "",
  status: 0,
  grpcStatus: -1,
  service: "",
  endpoint: "",
  attempts: 0,
  durationMs: 0,
  firstByteMs: -1,
  bytesIn: 0,
  bytesOut: 0,
  traceId: "",
  requestId: "",
  userAgent: "",
  end: "mesh",
} as const;

/** What the request itself says. */
function asked(exchange: CallerExchange, listener: string) {
  const { head, peer, bytesIn, bytesOut } = exchange;
  return {
    listener,
    method: head.method,
    authority: head.authority,
    path: head.target,
    bytesIn,
    bytesOut,
    peer,
    requestId: (head.seen & SEEN.requestId) === 0 ? "" : (head.get("x-request-id") ?? ""),
    userAgent: (head.seen & SEEN.userAgent) === 0 ? "" : (head.get("user-agent") ?? ""),
  };
}

/** Nothing about it needs a reason. */
function wentWell({ error, call, end, traced }: Hop): boolean {
  return error === undefined && end === "complete" && call.attempt === 1 && !hasFailed(traced);
}

import { flagOf, sentence } from "@weft/core";
import type { AccessEntry } from "../access-log/access-entry.ts";
import type { ResponseFlag } from "../access-log/response-flags.ts";
import type { TunnelCall } from "./tunnel-call.ts";

/** What the caller's side knows of a tunnel, and only it. */
export type TunnelAsked = Pick<
  AccessEntry,
  "listener" | "protocol" | "method" | "authority" | "status" | "peer" | "requestId" | "userAgent" | "startedEpochMs"
>;

/** What the access log says of a tunnel, and of what was to become one. */
export function entryOfTunnel(tunnel: TunnelCall, asked: TunnelAsked): AccessEntry {
  const { call, endpoint, end, endedMs, connectedMs, bytesIn, bytesOut } = tunnel;
  return {
    ...asked,
    path: "",
    grpcStatus: -1,
    flags: flagsOfTunnel(tunnel).join(","),
    why: whyOf(tunnel),
    service: call.service,
    endpoint: endpoint?.id ?? "",
    attempts: call.attempt,
    durationMs: endedMs - call.startedMs,
    firstByteMs: connectedMs,
    bytesIn,
    bytesOut,
    traceId: tunnel.trace.traceId,
    end,
  };
}

/** What it says of a connection that no service was asked for. @param why in plain words */
export function entryOfRefusedTunnel(
  asked: TunnelAsked,
  { flag, why, end, durationMs }: { flag: ResponseFlag; why: string; end: "caller" | "mesh"; durationMs: number },
): AccessEntry {
  return {
    ...asked,
    path: "",
    grpcStatus: -1,
    flags: flag,
    why: [why],
    service: "",
    endpoint: "",
    attempts: 0,
    durationMs,
    firstByteMs: -1,
    bytesIn: 0,
    bytesOut: 0,
    traceId: "",
    end,
  };
}

/** Why a tunnel went wrong, in letters; none when it did not. */
export function flagsOfTunnel({ error, end, call, tunnelEnd, connectedMs }: TunnelCall): ResponseFlag[] {
  if (end === "caller") return ["DC"];
  if (tunnelEnd?.why === "idle") return ["SI"];
  if (error === undefined) return [];
  // More than one attempt, and still no connection: what was allowed of retries is used up.
  return call.attempt > 1 && connectedMs < 0 ? [flagOf(error.code), "URX"] : [flagOf(error.code)];
}

/** The decisions about a tunnel that did not simply go well, in words; nothing for one that did. */
function whyOf({ error, call, end, runtime }: TunnelCall): readonly string[] {
  if (error === undefined && end === "complete" && call.attempt === 1) return [];
  const causes = runtime.cluster.explain(call.number, call.startedMs).map(sentence);
  return error === undefined ? causes : [...causes, error.message];
}

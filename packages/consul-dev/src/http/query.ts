import { parseDuration } from "./duration.ts";
import { ApiError, NO_LEADER } from "./reply.ts";

/** What a read asks beyond its subject. */
export interface ReadOptions {
  /** 0 means: do not wait. */
  readonly index: number;
  readonly waitMs: number;
  readonly consistency: "leader" | "stale" | "consistent";
  readonly cached: boolean;
}

const DEFAULT_WAIT_MS = 300_000;
const LONGEST_WAIT_MS = 600_000;

/** @throws ApiError 400 in Consul's words; 500 for another datacenter */
export function readOptions(params: URLSearchParams, datacenter: string): ReadOptions {
  const [stale, consistent, cached] = ["stale", "consistent", "cached"].map((name) => params.has(name));
  if (stale && consistent) throw new ApiError(400, "Cannot specify ?stale with ?consistent, conflicting semantics.");
  if (cached && consistent) throw new ApiError(400, "Cannot specify ?cached with ?consistent, conflicting semantics.");
  const maxStale = params.get("max_stale");
  if (maxStale !== null && parseDuration(maxStale) === undefined)
    throw new ApiError(400, `Invalid max_stale value "${maxStale}"`);
  const dc = params.get("dc");
  if (dc !== null && dc !== "" && dc !== datacenter) throw new ApiError(500, "No path to datacenter", NO_LEADER);
  const index = params.get("index") || "0";
  if (!/^\d+$/.test(index)) throw new ApiError(400, "Invalid index");
  return {
    index: Number(index),
    waitMs: readWait(params),
    consistency: consistent ? "consistent" : stale || maxStale !== null ? "stale" : "leader",
    cached: cached ?? false,
  };
}

/** Length of a blocking read in ms, before its jitter. */
export function readWait(params: URLSearchParams): number {
  const text = params.get("wait") || "0";
  const ms = parseDuration(text);
  if (ms === undefined) throw new ApiError(400, "Invalid wait time");
  return ms <= 0 ? DEFAULT_WAIT_MS : Math.min(ms, LONGEST_WAIT_MS);
}

import type { Ledger } from "../store/ledger.ts";
import type { Random } from "../time.ts";
import { readOptions } from "./query.ts";
import { encodeJson, type Reply } from "./reply.ts";

/** A question to the store. */
export interface Question {
  /** Keys of the ledger that can change the answer, from how things stand. */
  readonly keys: () => readonly string[];
  /** Default: the index of the last change under `keys`. */
  readonly index?: () => number;
  readonly answer: () => unknown;
  /** Absent values are a 404 with an empty body, as of KV. */
  readonly absent?: (value: unknown) => boolean;
}

/** What a read is asked with. */
export interface Asked {
  readonly path: string;
  readonly params: URLSearchParams;
  readonly signal: AbortSignal;
}

interface Cached {
  readonly index: number;
  readonly epoch: number;
  readonly bytes: Uint8Array;
  readonly status: number;
}

const MOST_CACHED = 500;

/**
 * Answers reads: waits while the index stands where the caller saw it, and writes each answer once for all who ask
 * the same at the same index. Source: Consul agent/consul/rpc.go blockingQuery, agent/http.go setIndex.
 */
export function blockingReader(
  ledger: Ledger,
  random: Random,
  datacenter: string,
  modern: boolean,
): (asked: Asked, question: Question) => Promise<Reply> {
  const written = new Map<string, Cached>();
  const seen = new Set<string>();

  function indexOf(question: Question): number {
    return question.index?.() ?? ledger.at(...question.keys());
  }

  function write(key: string, question: Question): Cached {
    const known = written.get(key);
    const index = indexOf(question);
    const { epoch } = ledger;
    if (known !== undefined && ((known.index === index && known.epoch === epoch) || ledger.frozen)) return known;
    const value = question.answer();
    const absent = question.absent?.(value) ?? false;
    const fresh = { index, epoch, bytes: absent ? new Uint8Array() : encodeJson(value), status: absent ? 404 : 200 };
    if (written.size >= MOST_CACHED) written.clear();
    written.set(key, fresh);
    return fresh;
  }

  return async ({ path, params, signal }, question) => {
    const options = readOptions(params, datacenter);
    if (options.index > 0) {
      const waitMs = options.waitMs + (random.unit() * options.waitMs) / 16;
      const index = (): number => indexOf(question);
      await ledger.wait({ keys: question.keys(), index, sinceIndex: options.index, ms: waitMs, signal });
    }
    const key = contentKey(path, params);
    const answer = write(key, question);
    const headers: Record<string, string> = {
      "X-Consul-Index": String(Math.max(1, answer.index)),
      "X-Consul-KnownLeader": "true",
      "X-Consul-LastContact": "0",
    };
    if (question.absent === undefined) headers["X-Consul-Effective-Consistency"] = options.consistency;
    if (modern) headers["X-Consul-Query-Backend"] = "blocking-query";
    if (options.cached) {
      headers["X-Cache"] = seen.has(key) ? "HIT" : "MISS";
      if (seen.has(key)) headers["Age"] = "0";
      if (seen.size >= MOST_CACHED) seen.clear();
      seen.add(key);
    }
    return { status: answer.status, headers, body: { kind: "bytes", bytes: answer.bytes, type: "application/json" } };
  };
}

// How long and how fresh somebody asks does not change what the answer says.
function contentKey(path: string, params: URLSearchParams): string {
  const kept = new URLSearchParams(params);
  for (const name of ["index", "wait", "stale", "consistent", "cached", "max_stale", "dc", "token"]) kept.delete(name);
  return `${path}?${kept.toString()}`;
}

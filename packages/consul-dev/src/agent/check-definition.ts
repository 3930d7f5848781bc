import type { Fields } from "../http/decode.ts";
import { ApiError } from "../http/reply.ts";
import type { Status } from "../store/rows.ts";

/** How a check comes to its judgement. Lengths in ms. */
export type Probe =
  | { readonly kind: "ttl"; readonly ttlMs: number }
  | {
      readonly kind: "http";
      readonly url: string;
      readonly method: string;
      readonly headers: Readonly<Record<string, readonly string[]>>;
      readonly body: string;
    }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "alias"; readonly serviceId: string };

/** A check as registered. */
export interface CheckDefinition {
  /** As read "" where none was given: what it then is differs by whose check it is. */
  readonly id: string;
  readonly name: string;
  readonly notes: string;
  readonly serviceId: string;
  readonly status: Status;
  readonly probe: Probe;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly successBeforePassing: number;
  readonly failuresBeforeWarning: number;
  readonly failuresBeforeCritical: number;
  /** The service goes when the check was critical for so long; 0 means never. */
  readonly deregisterAfterMs: number;
}

/**
 * @param modern whether `FailuresBeforeWarning` is known, as it is since 1.11
 * @param badStatus what is said of a status that is none
 * @throws ApiError 400 for a kind of check that is not run here, and for whatever Consul refuses
 */
export function readCheck(fields: Fields, modern: boolean, badStatus = "Bad check status"): CheckDefinition {
  const [checkId, plainId] = [fields.string("CheckID"), fields.string("ID")];
  const name = fields.string("Name");
  const status = fields.string("Status");
  const [ttlMs, intervalMs] = [fields.durationMs("TTL") ?? 0, fields.durationMs("Interval") ?? 0];
  const critical = Math.max(0, fields.int("FailuresBeforeCritical") ?? 0);
  const definition = {
    id: checkId || plainId,
    name,
    notes: fields.string("Notes"),
    serviceId: fields.string("ServiceID"),
    status: status === "" ? "critical" : readStatus(status, () => badStatus),
    probe: readProbe(fields, ttlMs, intervalMs),
    intervalMs: Math.max(1_000, intervalMs), // the agent's own minimum
    timeoutMs: fields.durationMs("Timeout") || 10_000,
    successBeforePassing: Math.max(0, fields.int("SuccessBeforePassing") ?? 0),
    failuresBeforeWarning: (modern ? fields.int("FailuresBeforeWarning") : undefined) ?? critical,
    failuresBeforeCritical: critical,
    deregisterAfterMs: fields.durationMs("DeregisterCriticalServiceAfter") ?? 0,
  };
  for (const ignored of ["TLSSkipVerify", "TLSServerName", "OutputMaxSize"]) fields.raw(ignored);
  fields.done();
  return definition;
}

/** @throws ApiError 400 with the text given when it is none of the three */
export function readStatus(text: string, otherwise: () => string): Status {
  if (text === "passing" || text === "warning" || text === "critical") return text;
  throw new ApiError(400, otherwise());
}

function readProbe(fields: Fields, ttlMs: number, intervalMs: number): Probe {
  const [url, tcp, alias] = [fields.string("HTTP"), fields.string("TCP"), fields.string("AliasService")];
  const method = fields.string("Method") || "GET";
  const body = fields.string("Body");
  const header = fields.object("Header");
  const names = header?.entries().map(([name]) => name) ?? [];
  const headers = Object.fromEntries(names.map((name) => [name, header?.strings(name) ?? []]));
  fields.string("AliasNode");
  if (alias !== "") return { kind: "alias", serviceId: alias };
  if (ttlMs > 0 && intervalMs > 0) throw new ApiError(400, "Invalid check: Interval and TTL cannot both be specified");
  if (url === "" && tcp === "") {
    if (ttlMs <= 0) throw new ApiError(400, "Invalid check: TTL must be > 0 for TTL checks");
    return { kind: "ttl", ttlMs };
  }
  if (intervalMs <= 0) throw new ApiError(400, "Invalid check: Interval must be > 0 for Script, HTTP, or TCP checks");
  if (url !== "") {
    if (!URL.canParse(url)) throw new ApiError(400, `Invalid check: HTTP "${url}" is not a URL`);
    return { kind: "http", url, method, headers, body };
  }
  const at = tcp.lastIndexOf(":");
  const port = Number(tcp.slice(at + 1));
  if (at < 0 || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new ApiError(400, `Invalid check: TCP "${tcp}" is not host:port`);
  }
  return { kind: "tcp", host: tcp.slice(0, at).replace(/^\[|\]$/g, ""), port };
}

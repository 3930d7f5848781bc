/** Why the mesh itself failed a call. A closed set: each has its row in docs/errors.md. */
export type MeshErrorCode =
  | "NO_ENDPOINTS"
  | "ALL_EJECTED"
  | "UNKNOWN_SERVICE"
  | "NOT_READY"
  | "CIRCUIT_OPEN"
  | "OVERLOADED"
  | "DEADLINE_EXCEEDED"
  | "ATTEMPT_TIMEOUT"
  | "CONNECT_FAILED"
  | "CONNECTION_LOST"
  | "PROTOCOL_ERROR"
  | "CLOSED"
  | "BAD_CONFIG";

export interface MeshErrorDetails {
  readonly service?: string;
  /** `host:port`, when one endpoint is to blame. */
  readonly endpoint?: string;
  /** 1 for the first attempt. */
  readonly attempt?: number;
  /** True only where no endpoint can have acted on the call: a fact about the wire, not a wish to retry. */
  readonly neverSent?: boolean;
  readonly cause?: unknown;
}

/**
 * A failure that the mesh produced, as against one that an endpoint answered with.
 *
 * The message starts with who it is about, from the outside in: `service orders: attempt 2: endpoint 10.0.0.3:80: ...`.
 */
export class MeshError extends Error {
  readonly code: MeshErrorCode;
  readonly service: string | undefined;
  readonly endpoint: string | undefined;
  readonly attempt: number | undefined;
  readonly neverSent: boolean;

  /** @param problem what happened and what to do, without the identity, which is put before it */
  constructor(code: MeshErrorCode, problem: string, details: MeshErrorDetails = {}) {
    super(
      identity(details) + problem + remedy(code, details.cause),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = "MeshError";
    this.code = code;
    this.service = details.service;
    this.endpoint = details.endpoint;
    this.attempt = details.attempt;
    this.neverSent = details.neverSent ?? false;
  }
}

function identity({ service, attempt, endpoint }: MeshErrorDetails): string {
  return (
    (service === undefined ? "" : `service ${service}: `) +
    (attempt === undefined ? "" : `attempt ${attempt}: `) +
    (endpoint === undefined ? "" : `endpoint ${endpoint}: `)
  );
}

/** What the system refuses when this process or machine has no more of it. */
const USED_UP = /^(?:E[MN]FILE|ENOBUFS|ENOMEM|EADDRNOTAVAIL|EADDRINUSE)$/;
const NO_SUCH_NAME = /^(?:ENOTFOUND|EAI_\w+)$/;
const NO_TLS = /CERT|_TLS_|_SSL_|^EPROTO$|^UNABLE_TO_/;

/** What to do about a connection that could not be had: of that, the problem has no more than the system's own words. */
function remedy(code: MeshErrorCode, cause: unknown): string {
  if (code !== "CONNECT_FAILED") return "";
  const why = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (NO_SUCH_NAME.test(why)) return "; correct the name, or see why this machine cannot resolve it";
  if (NO_TLS.test(why)) return "; see which certificate it shows, and whether its name and authority are accepted here";
  if (USED_UP.test(why)) return "; this machine has no more of them: raise the limit, or keep fewer connections";
  return "; see whether it listens there, and who may reach it";
}

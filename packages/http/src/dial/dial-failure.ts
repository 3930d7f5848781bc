import { type AttemptResult, authority, failure, IGNORED } from "@weft/core";
import { errorWords } from "./error-words.ts";

/** How a connect failed. */
export type DialFailureKind =
  | "refused" // nobody listens, or the endpoint reset the connect
  | "unreachable" // no way to the host or its network
  | "timeout" // neither yes nor no within `connectMs`, TLS included
  | "name-unknown" // the name has no address, or none could be learned
  | "tls-failed" // connected, and then no TLS session: certificate, protocol, cut in the handshake
  | "local" // this process or machine has no room: descriptors, ports, memory
  | "other";

/**
 * Why there is no connection, in the form that retry and ejection take: nothing of a request has been sent.
 *
 * `local` says nothing of the endpoint and so counts for nobody: when the descriptors run out, every connect fails,
 * and to eject healthy endpoints for it would make an outage of a shortage.
 */
export interface DialFailure extends AttemptResult {
  readonly kind: DialFailureKind;
  readonly neverSent: true;
  /** For a MeshError. */
  readonly code: "CONNECT_FAILED";
  /** In plain words, with the address. */
  readonly problem: string;
  readonly cause: unknown;
}

const KINDS: ReadonlyMap<string, DialFailureKind> = new Map<string, DialFailureKind>([
  ["ECONNREFUSED", "refused"],
  ["ECONNRESET", "refused"],
  ["ECONNABORTED", "refused"],
  ["EHOSTUNREACH", "unreachable"],
  ["ENETUNREACH", "unreachable"],
  ["EHOSTDOWN", "unreachable"],
  ["ENETDOWN", "unreachable"],
  ["ETIMEDOUT", "timeout"],
  ["ERR_SOCKET_CONNECTION_TIMEOUT", "timeout"],
  ["ENOTFOUND", "name-unknown"],
  ["EMFILE", "local"],
  ["ENFILE", "local"],
  ["ENOBUFS", "local"],
  ["ENOMEM", "local"],
  ["EADDRNOTAVAIL", "local"],
  ["EADDRINUSE", "local"],
]);

/** What an error before the connection stood says. @param securing whether TCP stood, and TLS was under way */
export function failureOfError(error: unknown, host: string, port: number, securing: boolean): DialFailure {
  const { code, message } = namesOf(error);
  const kind = securing ? "tls-failed" : kindOf(code);
  const what = securing ? "no TLS session" : "no connection";
  return dialFailure(kind, `${what} with ${authority(host, port)}: ${message}`, error);
}

/** Nothing came of it within `connectMs`. */
export function lateFailure(host: string, port: number, connectMs: number, securing: boolean): DialFailure {
  const what = securing ? "no TLS session" : "no connection";
  return dialFailure(
    "timeout",
    `${what} with ${authority(host, port)} within ${connectMs} ms (timeout.connect)`,
    undefined,
  );
}

/** @param problem in plain words, with the address */
export function dialFailure(kind: DialFailureKind, problem: string, cause: unknown): DialFailure {
  const local = kind === "local";
  return {
    kind,
    neverSent: true,
    code: "CONNECT_FAILED",
    problem,
    cause,
    outcome: local ? IGNORED : failure("connect"),
    failure: local ? "never-sent" : "connect-failure",
    status: 0,
    sent: "no",
    retryAfterMs: 0,
    forbidden: false,
  };
}

function kindOf(code: string): DialFailureKind {
  return KINDS.get(code) ?? (code.startsWith("EAI_") ? "name-unknown" : "other");
}

function namesOf(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  // Of several addresses, each has its error, and the whole has neither message nor more than the first one's code.
  const several = error instanceof AggregateError ? error.errors.map(namesOf) : [];
  const message = several.length > 0 ? several.map((one) => one.message).join("; ") : errorWords(error);
  return { code: code || (several[0]?.code ?? ""), message: message || code || error.name };
}

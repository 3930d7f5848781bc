import type { MeshError, MeshErrorCode } from "@weft/core";
import { Fields } from "@weft/http";
import { APP } from "../service/app-policy.ts";

/** Why the sidecar itself answers: what is said does not depend on the protocol. */
export interface Problem {
  /** Of HTTP. */
  readonly status: number;
  /** Of MeshError, or another word in capitals. */
  readonly code: string;
  /** In plain words. */
  readonly detail: string;
  /** Further fields, each with its line end. */
  readonly lines: string;
  readonly service: string | undefined;
}

/** The answer that tells it to a caller of HTTP. */
export interface ProblemAnswer {
  readonly reason: string;
  readonly fields: Fields;
  /** With a character for each byte. */
  readonly body: string;
}

const STATUSES: Readonly<Record<MeshErrorCode, number>> = {
  NO_ENDPOINTS: 503,
  ALL_EJECTED: 503,
  NOT_READY: 503,
  CIRCUIT_OPEN: 503,
  OVERLOADED: 503,
  CLOSED: 503,
  UNKNOWN_SERVICE: 502,
  CONNECT_FAILED: 502,
  CONNECTION_LOST: 502,
  PROTOCOL_ERROR: 502,
  DEADLINE_EXCEEDED: 504,
  ATTEMPT_TIMEOUT: 504,
  BAD_CONFIG: 500,
};

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  508: "Loop Detected",
};

/** Why the mesh itself failed a call. Source of the statuses: reference edge 3.16. */
export function problemOf(error: MeshError): Problem {
  const { code, message, service } = error;
  // Whoever asks whether the app is well is told, in the app's place: it is starting, or gone.
  if (service === APP && code === "CONNECT_FAILED") return problem(503, code, message, "Retry-After: 1\r\n");
  // A service without room refuses again, so nobody is to repeat the call (Envoy). An app is one endpoint of several,
  // and its caller knows whether another has room: its retries have a budget.
  const overloaded = code === "OVERLOADED" && service !== APP ? "X-Envoy-Overloaded: true\r\n" : "";
  return problem(STATUSES[code], code, message, overloaded, service);
}

/** @param lines further fields, each with its line end */
export function problem(status: number, code: string, detail: string, lines = "", service?: string): Problem {
  return { status, code, detail, lines, service };
}

/**
 * As problem+json with its code, so that whoever reads it can tell it from an answer of the endpoint. Source: RFC 9457.
 */
export function problemAnswer({ status, code, detail, lines, service }: Problem): ProblemAnswer {
  const reason = REASONS[status] ?? "Error";
  const members = { type: `urn:weft:problem:${code.toLowerCase().replaceAll("_", "-")}`, title: reason, status };
  const text = JSON.stringify({ ...members, detail, code, ...(service === undefined ? {} : { service }) });
  return {
    reason,
    fields: Fields.ofLines(`Content-Type: application/problem+json\r\nX-Weft-Error: ${code}\r\n${lines}`),
    body: Buffer.from(text, "utf8").toString("latin1"),
  };
}

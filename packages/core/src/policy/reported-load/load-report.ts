import { binaryValues } from "./binary-values.ts";

/** How an endpoint says it is doing, in an answer: ORCA. What it does not say is 0. */
export interface LoadReport {
  /** Requests it serves in a second. */
  readonly perSecond: number;
  /** Those of them that it answers with an error. */
  readonly errorsPerSecond: number;
  /** How much of it is in use by its own measure; may be over 1. */
  readonly utilization: number;
  /** How much of its processors is in use; may be over 1. */
  readonly cpu: number;
  /** Requests that it has under way for all its callers, without the one answered; undefined: it does not say. */
  readonly inFlight: number | undefined;
  /** What a request takes there at present, in ms, by its own measure; undefined: it does not say. */
  readonly latencyMs: number | undefined;
}

/** As they are called in text; in JSON, those behind a dot are in a map of the name before it. Source: xds OrcaLoadReport. */
const NAMES: readonly (readonly [name: string, of: keyof LoadReport])[] = [
  ["cpu_utilization", "cpu"],
  ["rps_fractional", "perSecond"],
  ["eps", "errorsPerSecond"],
  ["application_utilization", "utilization"],
  // What ORCA has no field for goes by a name of one's own: these two are weft's.
  ["named_metrics.rif", "inFlight"],
  ["named_metrics.latency_ms", "latencyMs"],
];

/** The name of the header. */
export const LOAD_HEADER = "endpoint-load-metrics";
/** The name of the header, or trailer of gRPC, that has the binary form. */
export const LOAD_HEADER_BINARY = "endpoint-load-metrics-bin";

/**
 * Reads the header `endpoint-load-metrics`: `TEXT cpu_utilization=0.3,rps_fractional=100`, `JSON {...}` with the same
 * names, or `BIN` with what the binary one holds.
 *
 * @returns undefined for anything else, numbers that are none or negative included. Never throws
 * Source: Envoy source/common/orca/orca_parser.cc; gRPC A51.
 */
export function parseLoadReport(text: string): LoadReport | undefined {
  const space = text.indexOf(" ");
  const rest = text.slice(space + 1);
  switch (text.slice(0, space)) {
    case "TEXT":
      return ofValues(textValues(rest));
    case "JSON":
      return ofValues(jsonValues(rest));
    case "BIN":
      return parseBinaryLoadReport(rest);
    default:
      return undefined;
  }
}

/** Reads the header `endpoint-load-metrics-bin`: a protobuf OrcaLoadReport in base64. Otherwise as `parseLoadReport`. */
export function parseBinaryLoadReport(base64: string): LoadReport | undefined {
  let bytes: string;
  try {
    bytes = atob(base64.trim());
  } catch {
    return undefined; // no base64
  }
  return ofValues(binaryValues(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
}

/** The header of whoever reports only requests in flight, and what one takes: undefined when that is not known. */
export function loadReportText(inFlight: number, latencyMs: number | undefined): string {
  const takes = latencyMs === undefined ? "" : `,named_metrics.latency_ms=${Math.round(latencyMs * 1e3) / 1e3}`;
  return `TEXT named_metrics.rif=${inFlight}${takes}`;
}

function ofValues(values: ReadonlyMap<string, number> | undefined): LoadReport | undefined {
  if (values === undefined) return undefined;
  const report: { -readonly [Key in keyof LoadReport]: LoadReport[Key] } = {
    perSecond: 0,
    errorsPerSecond: 0,
    utilization: 0,
    cpu: 0,
    inFlight: undefined,
    latencyMs: undefined,
  };
  for (const [name, of] of NAMES) {
    const value = values.get(name);
    if (value === undefined) continue;
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return undefined;
    report[of] = value;
  }
  return report;
}

function textValues(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const pair of text.split(",")) {
    const equals = pair.indexOf("=");
    const value = pair.slice(equals + 1).trim();
    if (equals > 0) values.set(pair.slice(0, equals).trim(), value === "" ? Number.NaN : Number(value));
  }
  return values;
}

function jsonValues(text: string): ReadonlyMap<string, number> | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
  const named: unknown = "named_metrics" in parsed ? parsed.named_metrics : undefined;
  return new Map([...numbersOf(parsed, ""), ...numbersOf(named, "named_metrics.")]);
}

/** @param under put before each name */
function numbersOf(map: unknown, under: string): (readonly [name: string, value: number])[] {
  if (typeof map !== "object" || map === null) return [];
  return Object.entries(map).map(([name, value]) => [under + name, typeof value === "number" ? value : Number.NaN]);
}

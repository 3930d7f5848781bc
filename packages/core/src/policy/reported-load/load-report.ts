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
}

/** As the fields are called in text and JSON, and numbered in the binary form. Source: xds OrcaLoadReport. */
const FIELDS: readonly (readonly [name: string, number: number, of: keyof LoadReport])[] = [
  ["cpu_utilization", 1, "cpu"],
  ["rps_fractional", 6, "perSecond"],
  ["eps", 7, "errorsPerSecond"],
  ["application_utilization", 9, "utilization"],
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

type Values = ReadonlyMap<string, number>;

function ofValues(values: Values | undefined): LoadReport | undefined {
  if (values === undefined) return undefined;
  const report = { perSecond: 0, errorsPerSecond: 0, utilization: 0, cpu: 0 };
  for (const [name, , of] of FIELDS) {
    const value = values.get(name) ?? 0;
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return undefined;
    report[of] = value;
  }
  return report;
}

function textValues(text: string): Values {
  const values = new Map<string, number>();
  for (const pair of text.split(",")) {
    const equals = pair.indexOf("=");
    const value = pair.slice(equals + 1).trim();
    if (equals > 0) values.set(pair.slice(0, equals).trim(), value === "" ? Number.NaN : Number(value));
  }
  return values;
}

function jsonValues(text: string): Values | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
  const numbers = Object.entries(parsed).filter(([name]) => FIELDS.some(([known]) => known === name));
  return new Map(numbers.map(([name, value]) => [name, typeof value === "number" ? value : Number.NaN]));
}

/** The doubles of a message that have a name here; undefined when it is none. */
function binaryValues(bytes: Uint8Array): Values | undefined {
  const view = new DataView(bytes.buffer);
  const values = new Map<string, number>();
  let at = 0;
  /** Below 2^32, or NaN: no field here is longer. */
  const varint = (): number => {
    for (let value = 0, shift = 0; at < bytes.length && shift < 70; shift += 7) {
      const byte = bytes[at++]!;
      if (shift < 28) value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    switch (tag & 7) {
      case 0:
        if (Number.isNaN(varint())) return undefined;
        break;
      case 1: {
        if (at + 8 > bytes.length) return undefined;
        const name = FIELDS.find(([, number]) => number === tag >>> 3)?.[0];
        if (name !== undefined) values.set(name, view.getFloat64(at, true));
        at += 8;
        break;
      }
      case 2: {
        const length = varint(); // of a map; NaN makes what follows the switch end it
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        return undefined;
    }
    if (!(at <= bytes.length)) return undefined;
  }
  return values;
}

/** What is read of an OrcaLoadReport, by number. Source: xds/data/orca/v3/orca_load_report.proto. */
const DOUBLES: ReadonlyMap<number, string> = new Map([
  [1, "cpu_utilization"],
  [6, "rps_fractional"],
  [7, "eps"],
  [9, "application_utilization"],
]);
const NAMED_METRICS = 8;

/**
 * The numbers of a load report in its binary form, a protobuf message, by the names that they have in text. What has no
 * name there is passed over.
 *
 * @returns undefined when it is no such message
 */
export function binaryValues(bytes: Uint8Array): ReadonlyMap<string, number> | undefined {
  const values = new Map<string, number>();
  const whole = eachField(bytes, (number, value) => {
    if (typeof value === "number") {
      const name = DOUBLES.get(number);
      if (name !== undefined) values.set(name, value);
    } else if (number === NAMED_METRICS) return takeEntry(value, values);
    return true;
  });
  return whole ? values : undefined;
}

/** One entry of the map: a message of a name and a double. */
function takeEntry(bytes: Uint8Array, values: Map<string, number>): boolean {
  let name = "";
  let value = 0;
  const whole = eachField(bytes, (number, of) => {
    if (number === 1 && typeof of !== "number") name = new TextDecoder().decode(of);
    if (number === 2 && typeof of === "number") value = of;
    return true;
  });
  if (whole) values.set(`named_metrics.${name}`, value);
  return whole;
}

/**
 * Calls `take` with each double, and each run of bytes, of a message.
 *
 * @returns false when the bytes are no message, or `take` said so
 */
function eachField(bytes: Uint8Array, take: (number: number, value: number | Uint8Array) => boolean): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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
        if (Number.isNaN(varint())) return false;
        break;
      case 1: {
        if (at + 8 > bytes.length) return false;
        if (!take(tag >>> 3, view.getFloat64(at, true))) return false;
        at += 8;
        break;
      }
      case 2: {
        const length = varint();
        const from = at;
        at += length; // NaN makes what follows the switch end it
        if (at <= bytes.length && !take(tag >>> 3, bytes.subarray(from, at))) return false;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        return false;
    }
    if (!(at <= bytes.length)) return false;
  }
  return true;
}

import type { Attributes } from "@opentelemetry/api";

/** Sets kept apart. Source: OpenTelemetry's SDK, which tells so many apart for an instrument. */
const MOST = 2_000;

type Row = Map<number, Map<string | undefined, Attributes>>;

/**
 * Sets of attributes, by what they were made of. To find one allocates nothing: a key made of all its parts would cost
 * more than the look-ups.
 */
export class AttributeTable {
  readonly #rows = new Map<string, Map<string, Row>>();
  readonly #most: number;
  #size = 0;

  /** @param most sets kept, > 0 */
  constructor(most: number = MOST) {
    this.#most = most;
  }

  get(service: string, method: string, status: number, error: string | undefined): Attributes | undefined {
    return this.#rows.get(service)?.get(method)?.get(status)?.get(error);
  }

  /**
   * @returns the attributes with `error.type`, if there is an error. Beyond the most they are not kept, and say the
   *   service and that there was an error: there are too many different ones to be told apart
   */
  add(service: string, method: string, status: number, error: string | undefined, attributes: Attributes): Attributes {
    if (this.#size >= this.#most) return { "server.address": service, ...typeOf(error && "_OTHER") };
    const made: Attributes = Object.freeze({ ...attributes, ...typeOf(error) });
    const methods = entry(this.#rows, service, () => new Map<string, Row>());
    const statuses = entry(methods, method, (): Row => new Map());
    entry(statuses, status, () => new Map<string | undefined, Attributes>()).set(error, made);
    this.#size++;
    return made;
  }
}

function typeOf(error: string | undefined): Attributes {
  return error === undefined ? {} : { "error.type": error };
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

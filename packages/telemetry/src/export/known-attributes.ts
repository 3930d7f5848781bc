import type { AttributeValue } from "../tracing/span-data.ts";

/**
 * So many values of an attribute are remembered. One with more, as `url.full`, says something else in each span, and is
 * not worth the looking.
 */
const VALUES = 64;
const LONGEST = 64;

/** Values of one attribute, and the one that was asked for last. */
interface Known {
  last: AttributeValue;
  bytes: Uint8Array;
  readonly values: Map<AttributeValue, Uint8Array>;
}

/** The bytes of attributes that were written before: nearly all of them say the same in thousands of spans. */
export class KnownAttributes {
  /** Null: it has too many values. */
  readonly #keys = new Map<string, Known | null>();

  /** Undefined: it has to be written. */
  find(key: string, value: AttributeValue): Uint8Array | undefined {
    const known = this.#keys.get(key);
    if (known === undefined || known === null) return undefined;
    if (known.last === value) return known.bytes;
    const bytes = known.values.get(value);
    if (bytes !== undefined) {
      known.last = value;
      known.bytes = bytes;
    }
    return bytes;
  }

  /** @param written makes the bytes of it; asked only when they will be remembered */
  learn(key: string, value: AttributeValue, written: () => Uint8Array): void {
    if (typeof value === "object" || (typeof value === "string" && value.length > LONGEST)) return;
    const known = this.#keys.get(key);
    if (known === null) return;
    if (known !== undefined && known.values.size >= VALUES) {
      this.#keys.set(key, null);
      return;
    }
    const bytes = written();
    if (known === undefined) this.#keys.set(key, { last: value, bytes, values: new Map([[value, bytes]]) });
    else known.values.set(value, bytes);
  }
}

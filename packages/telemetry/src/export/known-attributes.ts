import type { AttributeValue } from "../tracing/span-data.ts";

/**
 * So many values of an attribute are known. One with more, as `url.full`, says something else in each span, and is not
 * worth the looking.
 */
const VALUES = 64;
const LONGEST = 64;
/** Runs of more than one attribute, of some 100 to 400 bytes. */
const RUNS = 1024;

/**
 * Attributes that were written one behind the other before, as the bytes of all of them. Nearly every span says the same
 * as thousands before it, so that most of it is one copy.
 */
export class Run {
  readonly bytes: Uint8Array;
  /** The attribute that came behind it last. */
  #key = "";
  #value: AttributeValue | undefined = undefined;
  #next: Run | undefined = undefined;
  readonly #others = new Map<string, Map<AttributeValue, Run>>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** With one attribute more; undefined: that never came behind it. */
  with(key: string, value: AttributeValue): Run | undefined {
    if (this.#key === key && this.#value === value) return this.#next;
    const next = this.#others.get(key)?.get(value);
    if (next !== undefined) this.#remember(key, value, next);
    return next;
  }

  add(key: string, value: AttributeValue, next: Run): void {
    const values = this.#others.get(key);
    if (values === undefined) this.#others.set(key, new Map([[value, next]]));
    else values.set(value, next);
    this.#remember(key, value, next);
  }

  #remember(key: string, value: AttributeValue, next: Run): void {
    this.#key = key;
    this.#value = value;
    this.#next = next;
  }
}

/** The attributes that are known of spans, of events, or of links. */
export class KnownAttributes {
  /** Of no attribute. */
  readonly none: Run = new Run(new Uint8Array(0));
  /** Null: it has too many. */
  readonly #values = new Map<string, Set<AttributeValue> | null>();
  #runs = 0;

  /** Whether there are as many runs as there may be, of more than one attribute. */
  get full(): boolean {
    return this.#runs >= RUNS;
  }

  /** Whether an attribute is, or becomes, one that is known. */
  knows(key: string, value: AttributeValue): boolean {
    const values = this.#values.get(key);
    if (values === null || typeof value === "object" || (typeof value === "string" && value.length > LONGEST)) {
      return false;
    }
    if (values === undefined) this.#values.set(key, new Set([value]));
    else if (values.size < VALUES) values.add(value);
    else if (!values.has(value)) {
      this.#values.set(key, null);
      return false;
    }
    return true;
  }

  /**
   * The run with one attribute more, which is known.
   *
   * @param written the bytes of that attribute, which come before those of the run
   * @returns undefined: there are too many runs, and it has to begin one of its own
   */
  longer(run: Run, key: string, value: AttributeValue, written: Uint8Array): Run | undefined {
    if (run !== this.none) {
      if (this.full) return undefined;
      this.#runs++;
    }
    const next = new Run(Buffer.concat([written, run.bytes]));
    run.add(key, value, next);
    return next;
  }
}

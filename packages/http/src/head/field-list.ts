const NONE: readonly string[] = [];

let lastNumber = 0;

/**
 * Fields as HTTP/2 has them: names in lower case and values, in turns. Its fields never change, so heads may share it,
 * and what is once derived of it serves all of them.
 */
export class FieldList {
  /** Name, value, name, value. Names in lower case; no white space around values. */
  readonly items: readonly string[];
  /** Names of fields that came with the wish never to be kept in a table of HPACK (RFC 7541 6.2.3): whoever sends them on keeps to it. */
  readonly neverIndexed: readonly string[];
  #number = 0;
  #lines: string | undefined = undefined;
  #bytes = -1;

  constructor(items: readonly string[], neverIndexed: readonly string[] = NONE) {
    this.items = items;
    this.neverIndexed = neverIndexed;
  }

  /** One of its own, once it is known to come again and again, so that more may be kept of it; 0 for all others. */
  get number(): number {
    return this.#number;
  }

  /** It comes again and again. */
  comesAgain(): void {
    if (this.#number === 0) this.#number = ++lastNumber;
  }

  /** As lines of HTTP/1.1, each with its CRLF. */
  get lines(): string {
    this.#lines ??= linesOf(this.items);
    return this.#lines;
  }

  /** How large it is by the count of RFC 9113 6.5.2. */
  get bytes(): number {
    if (this.#bytes < 0) this.#bytes = bytesOf(this.items);
    return this.#bytes;
  }

  /** The list without the fields of that name: itself when there are none. @param name in lower case */
  without(name: string): FieldList {
    const { items } = this;
    const kept: string[] = [];
    for (let i = 0; i < items.length; i += 2) if (items[i] !== name) kept.push(items[i]!, items[i + 1]!);
    return kept.length === items.length ? this : new FieldList(kept, this.neverIndexed);
  }

  /** The list and one more field at its end. @param name in lower case */
  with(name: string, value: string): FieldList {
    return new FieldList([...this.items, name, value], this.neverIndexed);
  }
}

/** What each field counts for beside its name and value. Source: RFC 9113 6.5.2. */
export const FIELD_OVERHEAD = 32;

function bytesOf(items: readonly string[]): number {
  let bytes = (items.length / 2) * FIELD_OVERHEAD;
  for (let i = 0; i < items.length; i++) bytes += items[i]!.length;
  return bytes;
}

function linesOf(items: readonly string[]): string {
  let lines = "";
  for (let i = 0; i < items.length; i += 2) lines += `${items[i]}: ${items[i + 1]}\r\n`;
  return lines;
}

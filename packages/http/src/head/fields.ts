import { TOKEN, VALUE } from "./byte-tables.ts";
import { FieldList } from "./field-list.ts";
import { forEachLine, itemsOf, trimBlank, valueOf } from "./field-lines.ts";
import { listOfLines } from "./list-of-lines.ts";

/**
 * The fields of a head, in the form they came in: lines of text (HTTP/1.1), or a list of names and values (HTTP/2). The
 * other form is made on first use. What only concerns one hop, and what has a slot of its own in the head, is not among
 * them.
 *
 * Names are lower case when asked for, and in a list; in text they stand as sent. Text is latin1: a character for each
 * byte.
 */
export class Fields {
  /** At least one of the two forms is there. */
  #lines: string | undefined;
  #list: FieldList | undefined;
  /** Of the text. A list is short, and looked through. */
  #index: Map<string, string[]> | undefined = undefined;

  protected constructor(lines: string, list: FieldList | undefined) {
    this.#lines = list === undefined ? lines : undefined;
    this.#list = list;
  }

  /** @param lines "Name: value" and CRLF for each, checked already; "" for none */
  static ofLines(lines: string): Fields {
    return new Fields(lines, undefined);
  }

  /** @param list name, value, name, value, checked already: names in lower case, no white space around values */
  static ofList(list: readonly string[] | FieldList): Fields {
    return new Fields("", list instanceof FieldList ? list : new FieldList(list));
  }

  /** All lines, each with its CRLF: what a writer of HTTP/1.1 puts behind the start line. */
  get lines(): string {
    return this.#lines ?? this.#list!.lines; // one of the two is there
  }

  /** Name, value, name, value; names in lower case. Not to be changed: other heads may share it. */
  get list(): readonly string[] {
    return this.asList().items;
  }

  /** The same with what is kept of it. */
  asList(): FieldList {
    this.#list ??= listOfLines(this.lines);
    return this.#list;
  }

  /** Whether there is none. */
  get empty(): boolean {
    return this.#list === undefined ? this.#lines === "" : this.#list.items.length === 0;
  }

  /**
   * The value, without the white space around it; several lines of one name are joined by ", ".
   * That is wrong for `set-cookie` alone: ask for `all`.
   *
   * @param name in lower case
   */
  get(name: string): string | undefined {
    if (this.#list !== undefined) return valueIn(this.#list.items, name);
    const values = this.#indexed().get(name);
    return values === undefined ? undefined : values.length === 1 ? values[0] : values.join(", ");
  }

  /** The values line by line; none is an empty list. @param name in lower case */
  all(name: string): readonly string[] {
    if (this.#list !== undefined) return valuesIn(this.#list.items, name);
    return this.#indexed().get(name) ?? [];
  }

  /** @param name in lower case */
  has(name: string): boolean {
    return this.#list === undefined ? this.#indexed().has(name) : valueIn(this.#list.items, name) !== undefined;
  }

  /**
   * Puts one line in place of all lines of that name.
   *
   * @throws RangeError when the name is no token, or the value holds what no field value may: CR, LF, NUL and other
   * control characters, or characters beyond one byte
   */
  set(name: string, value: string): void {
    check(name, value);
    this.remove(name);
    this.#add(name, value);
  }

  /** One more line, at the end. @throws RangeError as `set` does */
  append(name: string, value: string): void {
    check(name, value);
    this.#add(name, value);
  }

  /** Takes out all lines of that name, in whatever case. */
  remove(name: string): void {
    const wanted = name.toLowerCase();
    if (this.empty || !this.has(wanted)) return;
    if (this.#list !== undefined) return this.#replaceList(this.#list.without(wanted));
    let kept = "";
    forEachLine(this.lines, (line, lineName) => {
      if (lineName !== wanted) kept += line;
    });
    this.#lines = kept;
    this.#index?.delete(wanted);
  }

  /** Line by line, in the order they came; names in lower case. */
  entries(): Iterable<readonly [name: string, value: string]> {
    const items = this.#list?.items ?? itemsOf(this.lines);
    const entries: [string, string][] = [];
    for (let i = 0; i < items.length; i += 2) entries.push([items[i]!, items[i + 1]!]);
    return entries;
  }

  #add(name: string, value: string): void {
    const trimmed = trimBlank(value, 0, value.length);
    if (this.#list !== undefined) return this.#replaceList(this.#list.with(name.toLowerCase(), trimmed));
    this.#lines = `${this.lines}${name}: ${value}\r\n`;
    if (this.#index !== undefined) addTo(this.#index, name.toLowerCase(), trimmed);
  }

  /** With both forms there, the list is changed, of which the text is made faster than the other way round. */
  #replaceList(list: FieldList): void {
    this.#list = list;
    this.#lines = undefined;
    this.#index = undefined;
  }

  #indexed(): ReadonlyMap<string, string[]> {
    if (this.#index !== undefined) return this.#index;
    const index = new Map<string, string[]>();
    forEachLine(this.lines, (line, name) => addTo(index, name, valueOf(line, name)));
    this.#index = index;
    return index;
  }
}

/** Everybody shares it, so nobody may change it. */
class NoFields extends Fields {
  constructor() {
    super("", new FieldList([]));
  }

  override set(name: string): never {
    throw new TypeError(`${name} cannot be set: NO_FIELDS is shared`);
  }

  override append(name: string): never {
    throw new TypeError(`${name} cannot be added: NO_FIELDS is shared`);
  }
}

/** No fields at all. It cannot be changed. */
export const NO_FIELDS: Fields = new NoFields();

function valueIn(items: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (let i = 0; i < items.length; i += 2)
    if (items[i] === name) value = value === undefined ? items[i + 1] : `${value}, ${items[i + 1]}`;
  return value;
}

function valuesIn(items: readonly string[], name: string): readonly string[] {
  return items.filter((_, i) => i % 2 === 1 && items[i - 1] === name);
}

function addTo(index: Map<string, string[]>, name: string, value: string): void {
  const values = index.get(name);
  if (values === undefined) index.set(name, [value]);
  else values.push(value);
}

function check(name: string, value: string): void {
  if (name === "" || !every(name, TOKEN)) throw new RangeError(`${JSON.stringify(name)} is no name of a field`);
  if (!every(value, VALUE)) throw new RangeError(`the field ${name} may not hold ${JSON.stringify(value)}`);
}

function every(text: string, allowed: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (!allowed[text.charCodeAt(i)]) return false;
  return true;
}

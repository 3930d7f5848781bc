/** A request's headers as the caller wrote them: names keep their case, values are checked. */
export interface PlainHeaders {
  readonly record: Record<string, string>;
  /** The names in lower case. */
  readonly names: ReadonlySet<string>;
}

/*
 * Names that make fetch behave otherwise: those it or undici decides about, and those that switch its cache rules.
 * `__proto__` is no header that can stand in a record.
 */
const SPECIAL = new Set(
  (
    "host content-length transfer-encoding connection keep-alive upgrade expect te trailer " +
    "range if-range if-match if-none-match if-modified-since if-unmodified-since " +
    "sec-fetch-mode origin referer proxy-authorization proxy-connection __proto__"
  ).split(" "),
);

// RFC 9110 5.6.2, but not a digit first: a record would move a name that is a number to its front.
const NAME = /^[!#$%&'*+\-.^_`|~A-Za-z][!#$%&'*+\-.^_`|~0-9A-Za-z]*$/;
// RFC 9110 5.5.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Reads `init.headers` when they are plain: a record, an array of pairs or a `Headers`, strings only, no name twice.
 *
 * A `Headers` gives its names in lower case and sorted, for it hides how they were written.
 *
 * @returns undefined when anything is unusual or wrong, which is then for the built-in fetch to judge
 */
export function plainHeaders(headers: unknown): PlainHeaders | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  const record: Record<string, string> = {};
  const names = new Set<string>();
  if (Array.isArray(headers) || headers instanceof Headers) {
    // Array.isArray and Headers leave the pairs untyped or typed too well; each is checked below.
    for (const pair of headers as Iterable<unknown>) {
      if (!Array.isArray(pair) || pair.length !== 2) return undefined;
      const [name, value]: readonly unknown[] = pair;
      if (!add(record, names, name, value)) return undefined;
    }
    return { record, names };
  }
  if (!isPlain(headers)) return undefined;
  for (const name of Reflect.ownKeys(headers))
    if (!add(record, names, name, Reflect.get(headers, name))) return undefined;
  return { record, names };
}

/** Whether `value` is an object literal: what may be read key by key without running anyone's code. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && !(Symbol.iterator in value);
}

function add(record: Record<string, string>, names: Set<string>, name: unknown, value: unknown): boolean {
  if (typeof name !== "string" || typeof value !== "string") return false;
  if (!NAME.test(name) || !VALUE.test(value) || isBlankAtAnEnd(value)) return false;
  const key = name.toLowerCase();
  if (SPECIAL.has(key) || names.has(key)) return false;
  names.add(key);
  record[name] = value;
  return true;
}

/** Fetch trims values. */
function isBlankAtAnEnd(value: string): boolean {
  return value !== "" && (isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1)));
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

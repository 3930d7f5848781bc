import type { Dispatcher } from "../undici.ts";

type Headers = Dispatcher.DispatchOptions["headers"];

/**
 * The value of a request header, in any of the forms that undici takes headers in, several of the name joined by `, `,
 * and cookies by `; ` (RFC 9113 8.2.3); undefined when it is not there.
 *
 * @param name in lower case
 */
export function headerOf(headers: Headers, name: string): string | undefined {
  if (headers === null || typeof headers !== "object") return undefined; // what is no form of headers, undici refuses
  const between = name === "cookie" ? "; " : ", ";
  let found: string | undefined;
  if (Array.isArray(headers)) {
    // The flat form: name, value, name, value.
    for (let i = 0; i < headers.length; i += 2)
      if (is(headers[i], name)) found = joined(found, headers[i + 1], between);
  } else if (Symbol.iterator in headers) {
    for (const [key, value] of headers) if (is(key, name)) found = joined(found, value, between);
  } else {
    for (const key in headers) if (is(key, name)) found = joined(found, headers[key], between);
  }
  return found;
}

function joined(found: string | undefined, value: unknown, between: string): string {
  const text = Array.isArray(value) ? value.join(between) : String(value);
  return found === undefined ? text : `${found}${between}${text}`;
}

/** Headers that can be read more than once, as those that are looked at, changed and sent again: of an iterator, its pairs. */
export function rereadable(headers: Headers): Headers {
  if (headers === null || typeof headers !== "object" || Array.isArray(headers)) return headers;
  if (!(Symbol.iterator in headers) || !isIterator(headers)) return headers;
  return pairs<[string, string | string[] | undefined]>([...headers]);
}

/** Whether what can be iterated over is used up by it, as a generator or `map.entries()` is. */
function isIterator(iterable: Iterable<unknown>): boolean {
  const iterator: unknown = iterable[Symbol.iterator]();
  return iterator === iterable;
}

/** The same headers with one more in front, unless it is there already. */
export function withHeader(headers: Headers, name: string, value: string): Headers {
  if (headerOf(headers, name) !== undefined) return headers;
  if (headers === null || headers === undefined) return { [name]: value };
  if (typeof headers !== "object") return headers;
  if (Array.isArray(headers)) return [name, value, ...headers];
  if (Symbol.iterator in headers) return pairs<[string, string | string[] | undefined]>([[name, value], ...headers]);
  return { [name]: value, ...headers };
}

/**
 * The same headers with others in the place of those of the same names.
 *
 * @param changes name (lower case) and value by turns; "" takes a header away
 */
export function withHeaders(headers: Headers, changes: readonly string[]): Headers {
  if (headers === null || headers === undefined) return kept(changes);
  if (typeof headers !== "object") return headers;
  if (Array.isArray(headers)) {
    const others = headers.filter((_, i) => !isNamed(changes, headers[i - (i % 2)]));
    return [...others, ...kept(changes)];
  }
  if (Symbol.iterator in headers) {
    const others = [...headers].filter(([name]) => !isNamed(changes, name));
    const mine = kept(changes);
    for (let i = 0; i < mine.length; i += 2) others.push([mine[i]!, mine[i + 1]!]);
    return pairs(others);
  }
  const changed = { ...headers };
  for (const name in headers) if (isNamed(changes, name)) Reflect.deleteProperty(changed, name);
  for (let i = 0; i < changes.length; i += 2) if (changes[i + 1] !== "") changed[changes[i]!] = changes[i + 1];
  return changed;
}

/** Those of the changes that set something. */
function kept(changes: readonly string[]): string[] {
  return changes.filter((_, i) => changes[i - (i % 2) + 1] !== "");
}

function isNamed(changes: readonly string[], name: unknown): boolean {
  for (let i = 0; i < changes.length; i += 2) if (is(name, changes[i]!)) return true;
  return false;
}

/** Pairs as something to iterate over that is no array: undici takes every array for the flat form. */
function pairs<Pair>(list: readonly Pair[]): Iterable<Pair> {
  return { [Symbol.iterator]: () => list[Symbol.iterator]() };
}

function is(key: unknown, name: string): boolean {
  return typeof key === "string" && key.length === name.length && key.toLowerCase() === name;
}

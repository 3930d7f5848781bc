import type { Dispatcher } from "../undici.ts";

type Headers = Dispatcher.DispatchOptions["headers"];

/**
 * The value of a request header, in any of the forms that undici takes headers in; undefined when it is not there.
 *
 * @param name in lower case
 */
export function headerOf(headers: Headers, name: string): string | undefined {
  if (headers === null || headers === undefined) return undefined;
  if (Array.isArray(headers)) {
    // The flat form: name, value, name, value.
    for (let i = 0; i < headers.length; i += 2) if (is(headers[i], name)) return String(headers[i + 1]);
    return undefined;
  }
  if (Symbol.iterator in headers) {
    for (const [key, value] of headers) if (is(key, name)) return String(value);
    return undefined;
  }
  for (const key in headers) if (is(key, name)) return String(headers[key]);
  return undefined;
}

/** The same headers with one more in front, unless it is there already. */
export function withHeader(headers: Headers, name: string, value: string): Headers {
  if (headerOf(headers, name) !== undefined) return headers;
  if (headers === null || headers === undefined) return { [name]: value };
  if (Array.isArray(headers)) return [name, value, ...headers];
  if (Symbol.iterator in headers) return pairs<[string, string | string[] | undefined]>([[name, value], ...headers]);
  return { [name]: value, ...headers };
}

/** Pairs as something to iterate over that is no array: undici takes every array for the flat form. */
function pairs<Pair>(list: readonly Pair[]): Iterable<Pair> {
  return { [Symbol.iterator]: () => list[Symbol.iterator]() };
}

function is(key: unknown, name: string): boolean {
  return typeof key === "string" && key.length === name.length && key.toLowerCase() === name;
}

import { parseDuration } from "./duration.ts";
import { ApiError } from "./reply.ts";

/**
 * Reads the fields of a JSON object with the strictness of Consul: names in any case, also in snake_case; a wrong
 * type and, after `done()`, an unknown field are a 400 in Go's words.
 */
export class Fields {
  readonly #values = new Map<string, { readonly name: string; readonly value: unknown }>();

  constructor(value: object) {
    for (const [name, field] of Object.entries(value)) {
      // JSON has no undefined, but a service registered from code may.
      if (field !== undefined) this.#values.set(plain(name), { name, value: field });
    }
  }

  string(name: string): string {
    return this.#take(name, "string", (value) => (typeof value === "string" ? value : undefined)) ?? "";
  }

  int(name: string): number | undefined {
    return this.#take(name, "int", (value) =>
      typeof value === "number" && Number.isInteger(value) ? value : undefined,
    );
  }

  bool(name: string): boolean {
    return this.#take(name, "bool", (value) => (typeof value === "boolean" ? value : undefined)) ?? false;
  }

  strings(name: string): string[] | undefined {
    return this.#take(name, "[]string", (value) =>
      Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined,
    );
  }

  map(name: string): Record<string, string> | undefined {
    return this.#take(name, "map[string]string", (value) => {
      if (!isObject(value)) return undefined;
      const entries = Object.entries(value).flatMap(([key, item]): [string, string][] =>
        typeof item === "string" ? [[key, item]] : [],
      );
      return entries.length === Object.keys(value).length ? Object.fromEntries(entries) : undefined;
    });
  }

  /** A Go duration or a number of nanoseconds, in ms; undefined when absent or empty. */
  durationMs(name: string): number | undefined {
    return this.#take(name, "time.Duration", (value) => {
      if (typeof value === "number") return value / 1e6;
      if (typeof value !== "string") return undefined;
      if (value === "") return 0;
      const ms = parseDuration(value);
      if (ms === undefined) throw new ApiError(400, `Request decode failed: time: invalid duration "${value}"`);
      return ms;
    });
  }

  object(name: string): Fields | undefined {
    return this.#take(name, "struct", (value) => (isObject(value) ? new Fields(value) : undefined));
  }

  objects(name: string): Fields[] {
    const read = (value: unknown): Fields[] | undefined =>
      Array.isArray(value) && value.every(isObject) ? value.map((item) => new Fields(item)) : undefined;
    return this.#take(name, "slice", read) ?? [];
  }

  /** Puts a field there, in the place of what it held. */
  set(name: string, value: unknown): void {
    this.#values.set(plain(name), { name, value });
  }

  /** A part whose content is passed on as it came. */
  raw(name: string): unknown {
    return this.#take(name, "any", (value) => value);
  }

  entries(): [string, unknown][] {
    return [...this.#values.values()].map(({ name, value }) => [name, value]);
  }

  /** Whether every field has its type's zero value, as one that is absent has. */
  isZero(): boolean {
    return [...this.#values.values()].every(({ value }) => isZero(value));
  }

  /** @throws ApiError 400 when a field was left that nobody read */
  done(): void {
    for (const { name } of this.#values.values())
      throw new ApiError(400, `Request decode failed: json: unknown field "${name}"`);
  }

  #take<T>(name: string, goType: string, read: (value: unknown) => T | undefined): T | undefined {
    const key = plain(name);
    const found = this.#values.get(key);
    this.#values.delete(key);
    if (found === undefined || found.value === null) return undefined;
    const value = read(found.value);
    if (value !== undefined) return value;
    const kind = Array.isArray(found.value) ? "array" : typeof found.value === "boolean" ? "bool" : typeof found.value;
    throw new ApiError(
      400,
      `Request decode failed: json: cannot unmarshal ${kind} into Go struct field .${name} of type ${goType}`,
    );
  }
}

/** @throws ApiError 400 with what Go's decoder says when the body is not one JSON object */
export function decodeObject(body: Buffer): Fields {
  const text = body.toString("utf8").trim();
  if (text === "") throw new ApiError(400, "Request decode failed: EOF");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const first = text.charAt(0);
    const cut = first === "{" || first === "[" || first === '"';
    const why = cut ? "unexpected EOF" : `invalid character '${first}' looking for beginning of value`;
    throw new ApiError(400, `Request decode failed: ${why}`);
  }
  if (value === null) return new Fields({}); // Go decodes it to a struct of zeros
  if (isObject(value)) return new Fields(value);
  const kind = Array.isArray(value) ? "array" : typeof value;
  throw new ApiError(400, `Request decode failed: json: cannot unmarshal ${kind} into Go value of type struct`);
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll("_", "");
}

function isZero(value: unknown): boolean {
  if (typeof value === "string") return value === "" || parseDuration(value) === 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === null || value === 0 || value === false;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

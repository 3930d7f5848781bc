import type { Dispatcher } from "../undici.ts";

type Headers = Dispatcher.DispatchOptions["headers"];

/** What a header's name means for sending it. "rare": undici refuses it, or it changes what becomes of the connection. */
type NameKind = "field" | "host" | "content-length" | "rare";

const SPECIAL: ReadonlyMap<string, NameKind> = new Map<string, NameKind>([
  ["host", "host"],
  ["content-length", "content-length"],
  ["connection", "rare"],
  ["expect", "rare"],
  ["keep-alive", "rare"],
  ["transfer-encoding", "rare"],
  ["upgrade", "rare"],
]);

const NOT_IN_VALUES = /[^\t\u0020-\u007e\u0080-\u00ff]/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Names met so far, as written. Callers use few; one that makes up names does not fill the memory. */
const KEPT_NAMES = 1_000;
const kinds = new Map<string, NameKind>();

/**
 * Writes the headers of a request, in any of the forms that undici takes them in, as the lines that undici would write.
 *
 * One for each request: headers may have getters and iterators of the caller's, which may send requests of their own.
 */
export class FieldLines {
  /** "name: value" and CRLF for each, without those below. */
  lines = "";
  /** The value of Host; "" when there was none. */
  host = "";
  /** The value of Content-Length; -1 when there was none. */
  contentLength = -1;

  /** Once. @returns false: there is something unusual about them, and undici must look at them */
  read(headers: Headers): boolean {
    if (headers === null || headers === undefined) return true;
    if (typeof headers !== "object") return false;
    if (Array.isArray(headers)) {
      if (headers.length % 2 !== 0) return false;
      for (let i = 0; i < headers.length; i += 2) if (!this.#add(headers[i], headers[i + 1])) return false;
      return true;
    }
    if (Symbol.iterator in headers) {
      for (const pair of headers) {
        if (!Array.isArray(pair) || pair.length !== 2 || !this.#add(pair[0], pair[1])) return false;
      }
      return true;
    }
    for (const name in headers) if (!Object.hasOwn(headers, name) || !this.#add(name, headers[name])) return false;
    return true;
  }

  #add(name: unknown, value: unknown): boolean {
    if (value === undefined) return true;
    if (typeof name !== "string") return false;
    const text = typeof value === "number" ? String(value) : value;
    switch (kindOf(name)) {
      case "field":
        return Array.isArray(text) ? text.every((each) => this.#addLine(name, each)) : this.#addLine(name, text);
      case "host":
        if (this.host !== "" || typeof text !== "string" || text === "" || NOT_IN_VALUES.test(text)) return false;
        this.host = text;
        return true;
      case "content-length":
        if (this.contentLength >= 0 || typeof text !== "string" || !/^\d{1,15}$/.test(text)) return false;
        this.contentLength = Number(text);
        return true;
      default:
        return false;
    }
  }

  #addLine(name: string, value: unknown): boolean {
    if (typeof value !== "string" || NOT_IN_VALUES.test(value)) return false;
    this.lines += `${name}: ${value}\r\n`;
    return true;
  }
}

function kindOf(name: string): NameKind {
  const known = kinds.get(name);
  if (known !== undefined) return known;
  const kind = SPECIAL.get(name.toLowerCase()) ?? (TOKEN.test(name) ? "field" : "rare");
  if (kinds.size < KEPT_NAMES) kinds.set(name, kind);
  return kind;
}

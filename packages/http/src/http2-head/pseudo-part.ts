import { type FieldName, knownName } from "../hpack/field-name.ts";
import type { HpackEncoder } from "../hpack/hpack-encoder.ts";
import { FIELD_OVERHEAD } from "../head/field-list.ts";
import type { RequestHead } from "../head/request-head.ts";
import type { SplitPart } from "./kept-parts.ts";

const METHOD = knownName(":method");
const SCHEME = knownName(":scheme");
const AUTHORITY = knownName(":authority");
const PATH = knownName(":path");
const PROTOCOL = knownName(":protocol");

/** The most characters of pseudo-headers that are kept. */
const MAX_KEPT = 512;

const NONE: readonly string[] = [];

type Pseudo = Pick<RequestHead, "method" | "target" | "authority" | "scheme" | "form" | "protocol">;

/** Those of no request: it is not known again. */
const TOO_LONG: Pseudo = { method: "", target: "", authority: "", scheme: "", form: "origin", protocol: "" };

/** What stands for the scheme of every request; undefined: its own. */
export type SchemeOfAll = "http" | "https" | undefined;

/** The pseudo-headers of a request, of which none came never indexed. The same object for the same scheme. */
export function pseudoPart(scheme: SchemeOfAll): SplitPart<Pseudo, Pseudo> {
  return scheme === undefined ? OF_OWN : scheme === "http" ? OF_HTTP : OF_HTTPS;
}

const partOf = (scheme: SchemeOfAll): SplitPart<Pseudo, Pseudo> => ({
  all: {
    hash: ({ target, authority }) => {
      const { length } = target;
      return length * 7 + target.charCodeAt(length - 1) * 3 + target.charCodeAt(length >> 1) * 5 + authority.length;
    },
    key: (head) => keyOf(head, head.target),
    isOf: (key, head) => key.target === head.target && isSameButPath(key, head),
    write(encoder, head) {
      writeAllButPath(encoder, head, scheme, NONE);
      writePath(encoder, head, NONE);
    },
  },
  rest: {
    hash: ({ authority, method }) => authority.length * 7 + method.length,
    key: (head) => keyOf(head, ""),
    isOf: isSameButPath,
    write: (encoder, head) => writeAllButPath(encoder, head, scheme, NONE),
  },
  writeChanging: (encoder, head) => writePath(encoder, head, NONE),
});
// Made once: functions of each connection's own would be strangers to the compiler.
const [OF_OWN, OF_HTTP, OF_HTTPS] = [partOf(undefined), partOf("http"), partOf("https")];

function keyOf({ method, authority, scheme, form, protocol }: Pseudo, target: string): Pseudo {
  return method.length + target.length + authority.length + protocol.length > MAX_KEPT
    ? TOO_LONG
    : { method, target, authority, scheme, form, protocol };
}

function isSameButPath(key: Pseudo, head: Pseudo): boolean {
  return (
    key.authority === head.authority &&
    key.method === head.method &&
    key.scheme === head.scheme &&
    key.form === head.form &&
    key.protocol === head.protocol
  );
}

/** How large they are by the count of RFC 9113 6.5.2. */
export function pseudoBytes(head: Pseudo, scheme: SchemeOfAll): number {
  let bytes = fieldBytes(METHOD, head.method);
  if (head.form !== "authority") {
    if (head.protocol !== "") bytes += fieldBytes(PROTOCOL, head.protocol);
    bytes += fieldBytes(SCHEME, schemeOf(head, scheme)) + fieldBytes(PATH, head.target);
  }
  return head.authority === "" ? bytes : bytes + fieldBytes(AUTHORITY, head.authority);
}

/** The same of one field. */
export function fieldBytes(name: FieldName, value: string): number {
  return name.text.length + value.length + FIELD_OVERHEAD;
}

function schemeOf(head: Pseudo, scheme: SchemeOfAll): string {
  return scheme ?? (head.scheme === "" ? "http" : head.scheme);
}

/** RFC 9113 8.3.1 and 8.5, RFC 8441 4. @param neverIndexed names of those that came so */
export function writeAllButPath(
  encoder: HpackEncoder,
  head: Pseudo,
  scheme: SchemeOfAll,
  neverIndexed: readonly string[],
): void {
  encoder.field(METHOD, head.method, isNever(METHOD, neverIndexed));
  if (head.form !== "authority") {
    if (head.protocol !== "") encoder.field(PROTOCOL, head.protocol);
    encoder.field(SCHEME, schemeOf(head, scheme));
  }
  if (head.authority !== "") encoder.field(AUTHORITY, head.authority, isNever(AUTHORITY, neverIndexed));
}

/** What `writeAllButPath` leaves out. CONNECT has none, but for the extended one. */
export function writePath(encoder: HpackEncoder, head: Pseudo, neverIndexed: readonly string[]): void {
  if (head.form !== "authority") encoder.field(PATH, head.target, isNever(PATH, neverIndexed));
}

/** Whether a field of that name came never indexed. @param neverIndexed names of those that did: mostly none */
export function isNever({ text }: FieldName, neverIndexed: readonly string[]): boolean {
  return neverIndexed.length > 0 && neverIndexed.includes(text);
}

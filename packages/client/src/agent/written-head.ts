import type { ClientRequest } from "node:http";

/** Where node:http keeps the head once it has written it. Every message of Node's has it; the types do not say so. */
const HEAD = "_header";
const END = "\r\n\r\n";

interface Written {
  [HEAD]?: unknown;
}

/**
 * The head of a request whose headers were given as an array: it is written when the request is made, and goes out with
 * the first byte of the body, or with the end. Undefined: it is not written yet, and headers can be set.
 */
export function writtenHead(request: ClientRequest): string | undefined {
  const head = (request as Written)[HEAD]; // see HEAD
  return typeof head === "string" && head.endsWith(END) ? head : undefined;
}

/** A field of it, several lines joined by `, `; undefined when there is none. @param name in lower case */
export function writtenField(head: string, name: string): string | undefined {
  const values = linesOf(head).flatMap((line) => (isOf(line, name) ? [line.slice(name.length + 1).trim()] : []));
  return values.length === 0 ? undefined : values.join(", ");
}

/**
 * Puts fields in the place of those of the same names. What has been sent already, as by a request that expects 100
 * Continue, stays as it is.
 *
 * @param fields name (lower case) and value by turns; an empty value takes the field away
 */
export function rewriteHead(request: ClientRequest, head: string, fields: readonly string[]): void {
  let lines = linesOf(head);
  for (let i = 0; i < fields.length; i += 2) {
    const [name, value] = [fields[i]!, fields[i + 1]!];
    lines = lines.filter((line) => !isOf(line, name));
    if (value !== "") lines.push(`${name}: ${value}`);
  }
  (request as Written)[HEAD] = lines.join("\r\n") + END; // see HEAD
}

/** The request line is the first. */
function linesOf(head: string): string[] {
  return head.slice(0, -END.length).split("\r\n");
}

function isOf(line: string, name: string): boolean {
  return line[name.length] === ":" && line.slice(0, name.length).toLowerCase() === name;
}

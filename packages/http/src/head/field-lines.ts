/*
 * Fields as HTTP/1.1 has them: lines of text, checked already, each with its CRLF.
 */

/** Name, value, name, value; names in lower case. */
export function itemsOf(lines: string): readonly string[] {
  const items: string[] = [];
  forEachLine(lines, (line, name) => items.push(name, valueOf(line, name)));
  return items;
}

/** Visits each line, with its CRLF, and its name in lower case. */
export function forEachLine(lines: string, visit: (line: string, name: string) => void): void {
  for (let at = 0; at < lines.length;) {
    const end = lines.indexOf("\n", at) + 1;
    const line = lines.slice(at, end);
    visit(line, line.slice(0, line.indexOf(":")).toLowerCase());
    at = end;
  }
}

/** The value of a line, without the white space around it. @param name of the line */
export function valueOf(line: string, name: string): string {
  return trimBlank(line, name.length + 1, line.length - 2);
}

/** The text without the white space of HTTP around it: SP and HTAB alone, where `trim` takes more. */
export function trimBlank(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Whether it is a space or a tab. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

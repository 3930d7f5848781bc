/** Headers of an answer as undici hands them out: names in lower case, an array where a name came more than once. */
export type AnswerHeaders = Record<string, string | string[]>;

/**
 * Reads the fields of a head that has been checked.
 *
 * @param text start line, fields, each with its CRLF; a character for each byte
 */
export function answerHeaders(text: string): AnswerHeaders {
  const headers: AnswerHeaders = {};
  forEachLine(text, (name, value) => {
    const key = name.toLowerCase();
    const known = headers[key];
    if (known === undefined) headers[key] = value;
    else if (!Object.hasOwn(headers, key)) define(headers, key, value);
    else if (typeof known === "string") headers[key] = [known, value];
    else known.push(value);
  });
  return headers;
}

/** A reason phrase as undici reads it. @param latin1 a character for each byte */
export function textOf(latin1: string): string {
  return /[\u0080-\u00ff]/.test(latin1) ? Buffer.from(latin1, "latin1").toString() : latin1;
}

/** The same as undici's raw headers: name, value, name, value, as they were sent. */
export function rawAnswerHeaders(text: string): Buffer[] {
  const raw: Buffer[] = [];
  forEachLine(text, (name, value) => void raw.push(Buffer.from(name, "latin1"), Buffer.from(value, "latin1")));
  return raw;
}

/** A name that every object has already, such as `constructor`, and `__proto__`, which is no property to be set. */
function define(headers: AnswerHeaders, key: string, value: string): void {
  Object.defineProperty(headers, key, { value, enumerable: true, configurable: true, writable: true });
}

function forEachLine(text: string, tell: (name: string, value: string) => void): void {
  let at = text.indexOf("\r\n") + 2;
  for (let end = text.indexOf("\r\n", at); end > at; end = text.indexOf("\r\n", at)) {
    const colon = text.indexOf(":", at);
    let first = colon + 1;
    let last = end;
    while (first < last && isBlank(text.charCodeAt(first))) first++;
    while (last > first && isBlank(text.charCodeAt(last - 1))) last--;
    tell(text.slice(at, colon), text.slice(first, last));
    at = end + 2;
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

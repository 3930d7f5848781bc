/** How much of a path, and of a query, is kept, in characters. */
const LONGEST = 2048;

/** Keys of a query whose values open something. Source: semantic conventions, `url.full` and `url.query`. */
const SENSITIVE: ReadonlySet<string> = new Set([
  "X-Amz-Signature",
  "X-Amz-Credential",
  "X-Amz-Security-Token",
  "AWSAccessKeyId",
  "Signature",
  "sig",
  "X-Goog-Signature",
]);

/** A target as it may stand in a span. Neither has the `?`; the query is "" when there is none. */
export interface CleanTarget {
  readonly path: string;
  readonly query: string;
}

/** @param target of a request line: a path with its query, as it came */
export function cleanTarget(target: string): CleanTarget {
  const mark = target.indexOf("?");
  if (mark < 0) return { path: cut(target), query: "" };
  return { path: cut(target.slice(0, mark)), query: cut(withoutSecrets(target.slice(mark + 1))) };
}

function withoutSecrets(query: string): string {
  // Every key of the list has one of these in it, or hides behind an escape.
  if (!/sig|Sig|Amz|AWS|%/.test(query)) return query;
  return query.split("&").map(withoutSecret).join("&");
}

function withoutSecret(pair: string): string {
  const equals = pair.indexOf("=");
  if (equals < 0) return pair;
  const key = pair.slice(0, equals);
  return SENSITIVE.has(key.includes("%") ? unescaped(key) : key) ? `${key}=REDACTED` : pair;
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key; // no escape that anybody would read as one of the list
  }
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : text.slice(0, LONGEST);
}

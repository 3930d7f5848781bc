/** More members make the list invalid; so does a key or a value that is longer. Source: W3C Trace Context 3.3. */
const MOST_MEMBERS = 32;
const MOST_CHARACTERS = 256;

const KEY = /^[a-z0-9][a-z0-9_\-*/@]*$/;
/** Printable ASCII but for comma and equals sign; a space at the end would not belong to it. */
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]*[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * Says what of a `tracestate` may be sent on: its members as they came and in their order, each key once (the first of
 * two is the newer), without members that are empty. A list with one wrong member is no list.
 *
 * @param text the value, several lines joined by `, `
 * @returns the very text when nothing has to be changed; "" when there is nothing to send on
 */
export function judgeTracestate(text: string): string {
  const members: string[] = [];
  const keys: string[] = [];
  let asItCame = true;
  let count = 0;
  for (let from = 0; from <= text.length;) {
    const comma = text.indexOf(",", from);
    const to = comma < 0 ? text.length : comma;
    const member = trimBlank(text, from, to);
    from = to + 1;
    if (member === "") {
      asItCame = false;
      continue;
    }
    if (++count > MOST_MEMBERS) return "";
    const equals = member.indexOf("=");
    const key = member.slice(0, Math.max(equals, 0));
    if (!isKey(key) || !isValue(member.slice(equals + 1))) return "";
    if (keys.includes(key)) {
      asItCame = false;
      continue;
    }
    keys.push(key);
    members.push(member);
  }
  return asItCame ? text : members.join(",");
}

function isKey(key: string): boolean {
  return key.length <= MOST_CHARACTERS && KEY.test(key);
}

function isValue(value: string): boolean {
  return value.length <= MOST_CHARACTERS && VALUE.test(value);
}

/** SP and HTAB are the white space of HTTP, where `trim` takes more. */
function trimBlank(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

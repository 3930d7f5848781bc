/**
 * Texts of callers as they may stand in a log line: printable ASCII only, so that no path or header can end a line,
 * close a quote, or send a control sequence to the terminal of who reads it. Nothing is lost: each escape names the
 * byte or character that stood there.
 */

/** Neither escaped in JSON nor in text: printable ASCII but `"` and `\`. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const NOT_ASCII = /[\x7f-\uffff]/g;
const NOT_PLAIN = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;

/** For inside the quotes of a string of JSON. */
export function jsonText(text: string): string {
  return PLAIN.test(text) ? text : JSON.stringify(text).slice(1, -1).replace(NOT_ASCII, unicode);
}

/** For inside the quotes of the text format: `\"`, `\\`, `\x0a` for a byte, `\u2026` for what is none. `-` when empty. */
export function quotedText(text: string): string {
  if (text === "") return "-";
  return PLAIN.test(text) ? text : text.replace(NOT_PLAIN, escaped);
}

function escaped(char: string): string {
  if (char === '"' || char === "\\") return `\\${char}`;
  const code = char.charCodeAt(0);
  return code > 0xff ? unicode(char) : `\\x${code.toString(16).padStart(2, "0")}`;
}

function unicode(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

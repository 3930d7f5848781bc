import { describe, expect, test } from "vitest";
import { jsonText, quotedText } from "./safe-text.ts";

const HOSTILE = [
  "/a\nGET /forged 200",
  "\r\n",
  '/a" 200 - 0 0 "',
  "back\\slash",
  "\x00\x1b[2J\x7f",
  "\x9b31m", // a control sequence of one byte
  "caf\xc3\xa9 \xff\xfe", // UTF-8 and bytes that are none, as latin1 shows them
  "\u2028\u2029\ud800 \u202egpj",
];

describe("texts of callers", () => {
  test.each(HOSTILE)("%j is printable ASCII in both formats and survives JSON", (text) => {
    expect(jsonText(text)).toMatch(/^[\x20-\x7e]*$/);
    expect(quotedText(text)).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(`"${jsonText(text)}"`)).toBe(text);
  });

  test.each(HOSTILE)("%j closes no quote of the text format", (text) => {
    expect(quotedText(text).replaceAll(/\\./g, "")).not.toContain('"');
  });

  test("every single byte comes back from the text format", () => {
    for (let byte = 1; byte < 256; byte++) {
      const char = String.fromCharCode(byte);
      const back = quotedText(char).replaceAll(/\\(x(..)|.)/g, (_, one: string, hex: string | undefined) =>
        hex === undefined ? one : String.fromCharCode(Number.parseInt(hex, 16)),
      );
      expect(back).toBe(char);
    }
  });

  test("nothing is a dash in text and stays nothing in JSON", () => {
    expect([quotedText(""), jsonText("")]).toEqual(["-", ""]);
  });
});

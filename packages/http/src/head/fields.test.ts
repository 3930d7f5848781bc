import { describe, expect, test } from "vitest";
import { Fields } from "./fields.ts";

const LINES = "Accept: a\r\nX-Two:\t1 \r\naccept: b\r\nEmpty:\r\nConstructor: c\r\nLatin: \xe9\xa0\r\n";

describe("fields", () => {
  test("are found by name in lower case, without the white space around values", () => {
    const fields = Fields.ofLines(LINES);
    expect(fields.get("accept")).toBe("a, b");
    expect(fields.all("accept")).toEqual(["a", "b"]);
    expect(fields.get("x-two")).toBe("1");
    expect(fields.get("empty")).toBe("");
    expect(fields.get("constructor")).toBe("c");
    expect(fields.get("latin")).toBe("\xe9\xa0"); // 0xa0 is no white space of HTTP
    expect(fields.get("tostring")).toBeUndefined();
    expect(fields.all("nothing")).toEqual([]);
    expect(fields.lines).toBe(LINES);
  });

  test("list themselves in the order of the text", () => {
    expect([...Fields.ofLines("B: 1\r\nA: 2\r\nb: 3\r\n").entries()]).toEqual([
      ["b", "1"],
      ["a", "2"],
      ["b", "3"],
    ]);
  });

  test.each([false, true])("change text and index together, looked up before: %s", (before) => {
    const fields = Fields.ofLines(LINES);
    if (before) fields.has("accept");
    fields.append("Accept", "d");
    fields.set("x-two", " 2 ");
    fields.remove("EMPTY");
    fields.remove("not there");
    expect(fields.all("accept")).toEqual(["a", "b", "d"]);
    expect(fields.get("x-two")).toBe("2");
    expect(fields.has("empty")).toBe(false);
    expect(fields.lines).toBe(
      "Accept: a\r\naccept: b\r\nConstructor: c\r\nLatin: \xe9\xa0\r\nAccept: d\r\nx-two:  2 \r\n",
    );
    expect(Fields.ofLines(fields.lines).get("x-two")).toBe("2");
  });

  test("may be none", () => {
    const fields = Fields.ofLines("");
    expect([...fields.entries()]).toEqual([]);
    fields.remove("a");
    fields.set("A", "");
    expect(fields.lines).toBe("A: \r\n");
  });

  test.each([
    ["", "a"],
    ["a b", "a"],
    ["a:", "a"],
    ["a\r\n", "a"],
    ["\u0100", "a"],
    ["a", "b\r\nc: d"],
    ["a", "b\n"],
    ["a", "\0"],
    ["a", "\u0100"],
    ["a", "\x7f"],
  ])("take no line that would not be one: %j: %j", (name, value) => {
    const fields = Fields.ofLines("");
    expect(() => fields.append(name, value)).toThrow(RangeError);
    expect(() => fields.set(name, value)).toThrow(RangeError);
    expect(fields.lines).toBe("");
  });
});

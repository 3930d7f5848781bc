import { describe, expect, test } from "vitest";
import { FieldList } from "./field-list.ts";
import { Fields, NO_FIELDS } from "./fields.ts";

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

  describe("that came as a list", () => {
    const ITEMS = ["accept", "a", "x-two", "1", "accept", "b", "empty", ""];

    test("are found by name, and read as the same lines", () => {
      const fields = Fields.ofList(ITEMS);
      expect(fields.get("accept")).toBe("a, b");
      expect(fields.all("accept")).toEqual(["a", "b"]);
      expect(fields.has("empty")).toBe(true);
      expect(fields.get("a")).toBeUndefined(); // a value, not a name
      expect(fields.all("1")).toEqual([]);
      expect(fields.empty).toBe(false);
      expect(fields.lines).toBe("accept: a\r\nx-two: 1\r\naccept: b\r\nempty: \r\n");
      expect([...fields.entries()].flat()).toEqual(ITEMS);
    });

    test("change without a change to whoever shares the list", () => {
      const shared = new FieldList(ITEMS, ["x-two"]);
      shared.comesAgain();
      const fields = Fields.ofList(shared);
      fields.append("Accept", " c ");
      fields.set("X-Two", "2");
      fields.remove("Empty");
      fields.remove("not there");
      expect(fields.list).toEqual(["accept", "a", "accept", "b", "accept", "c", "x-two", "2"]);
      expect(fields.lines).toBe("accept: a\r\naccept: b\r\naccept: c\r\nx-two: 2\r\n");
      expect(fields.asList()).toMatchObject({ neverIndexed: ["x-two"], number: 0 });
      expect(shared.items).toBe(ITEMS);
      expect(() => fields.append("a", "\n")).toThrow(RangeError);
    });

    test("are a list of lower case names when lines are asked for as one", () => {
      const fields = Fields.ofLines(LINES);
      expect(fields.list.slice(0, 4)).toEqual(["accept", "a", "x-two", "1"]);
      expect(fields.lines).toBe(LINES);
      fields.append("b", "c");
      expect(fields.list.slice(-2)).toEqual(["b", "c"]);
      expect(fields.lines).toContain("x-two: 1\r\n");
      expect(fields.get("b")).toBe("c");
    });

    test("may be none, as NO_FIELDS is", () => {
      expect(NO_FIELDS).toMatchObject({ empty: true, lines: "", list: [] });
      NO_FIELDS.remove("a");
      expect(() => NO_FIELDS.set("a", "b")).toThrow(TypeError);
      expect(() => NO_FIELDS.append("a", "b")).toThrow(TypeError);
      expect(Fields.ofLines("")).toMatchObject({ empty: true, list: [] });
    });
  });
});

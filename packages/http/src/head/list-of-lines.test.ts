import { seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { itemsOf } from "./field-lines.ts";
import { Fields } from "./fields.ts";
import { listOfLines } from "./list-of-lines.ts";

const SEED = 11;

test("the same text gives the same list, which is known to come again", () => {
  const text = "server: own\r\ndate: 12:00:01\r\n";
  const first = listOfLines(text);
  expect(first.number).toBe(0);
  expect(listOfLines(Buffer.from(text).toString("latin1"))).toBe(first);
  expect(first.number).toBeGreaterThan(0);
  expect(listOfLines("server: own\r\ndate: 12:00:02\r\n").number).toBe(0);
});

test("no text is given the list of another, whatever came before", () => {
  const random = seededRandom(SEED);
  const pick = (values: readonly string[]): string => values[random.below(values.length)]!;
  for (let i = 0; i < 20_000; i++) {
    let text = "";
    for (let n = random.below(4); n > 0; n--) {
      text += `${pick(["a", "b", "A", "ab"])}:${pick(["", " ", "1", " 1 ", "2", "\t12", "21"])}\r\n`;
    }
    expect(listOfLines(text).items).toEqual(itemsOf(text));
  }
});

test("a head that is changed changes no other one of the same text", () => {
  const text = "accept: a\r\nx-own: b\r\n";
  const heads = Array.from({ length: 3 }, () => Fields.ofLines(text));
  for (const head of heads) expect(head.list).toEqual(["accept", "a", "x-own", "b"]);
  heads[1]!.set("accept", "changed");
  heads[2]!.remove("x-own");
  expect(heads.map(({ list }) => list)).toEqual([
    ["accept", "a", "x-own", "b"],
    ["x-own", "b", "accept", "changed"],
    ["accept", "a"],
  ]);
  expect(Fields.ofLines(text).list).toEqual(["accept", "a", "x-own", "b"]);
});

test("a long text is not kept", () => {
  const text = `x-long: ${"a".repeat(1_024)}\r\n`;
  expect(listOfLines(text)).not.toBe(listOfLines(text));
});

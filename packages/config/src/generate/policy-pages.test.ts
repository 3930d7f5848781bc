import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { PARTS } from "../resolve/built-in.ts";
import { PAGE_FILE } from "./files.ts";

const FOLDER = new URL("policies/", PAGE_FILE);

interface Option {
  readonly name: string;
  /** In words, as the page has them. */
  readonly range: string;
  readonly byDefault: string;
}

const PAGE = readFileSync(PAGE_FILE, "utf8");

/** Those of docs/configuration.md, which are made from the schema and the built-in defaults. */
const KNOWN: ReadonlyMap<string, Option> = new Map(
  rowsOf(PAGE.slice(PAGE.indexOf("<!-- Options:"))).flatMap(([names = "", range = "", byDefault = ""]) =>
    codesIn(names).map((name) => [name, { name, range, byDefault }] as const),
  ),
);

/** Pages that have options of the policy, with these. */
const PAGES = readdirSync(FOLDER)
  .map((page) => [page, optionsOf(readFileSync(new URL(page, FOLDER), "utf8"))] as const)
  .filter(([, options]) => options.length > 0);

test("tables of options are found on most pages", () => {
  expect(PAGES.length).toBeGreaterThan(18);
});

describe.each(PAGES)("docs/policies/%s", (_, options) => {
  test.each(options)("knows what $name is by default, and its range", ({ name, range, byDefault }) => {
    const part = PARTS[name];
    // `off`, or an object: such a part has no value of its own.
    if (part !== undefined && !KNOWN.has(name)) return expect(plain(byDefault)).toMatch(part.on ? /^on/ : /^off/);
    const known = KNOWN.get(name);
    expect(known, "it is an option of docs/configuration.md").toBeDefined();
    if (range === "" && byDefault === "") return; // the page says where both stand
    const built = plain(known?.byDefault ?? "");
    if (built === "") expect(plain(byDefault)).not.toMatch(VALUE);
    else expect(withoutNote(plain(byDefault))).toBe(built);
    for (const bound of boundsIn(plain(range))) expect(plain(known?.range ?? "")).toContain(bound);
  });
});

/** Of the table of options: what is set elsewhere, as in the registry, is told in words and is none. */
function optionsOf(page: string): readonly Option[] {
  const part = /^## Options$(.*?)^## /ms.exec(page)?.[1] ?? "";
  const table = /^\| option \|.*?(?=\n\n)/ms.exec(part)?.[0] ?? "";
  return rowsOf(table).flatMap(([names = "", , range = "", byDefault = ""]) =>
    codesIn(names).map((name) => ({ name, range, byDefault })),
  );
}

/** The cells of each row but heads. A bar inside a cell is written `\|`. */
function rowsOf(text: string): readonly (readonly string[])[] {
  const lines = text.split("\n").filter((line) => line.startsWith("| `"));
  return lines.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The names in a cell that has nothing but these. */
function codesIn(cell: string): readonly string[] {
  return /^`[^`]+`(, `[^`]+`)*$/.test(cell) ? cell.replaceAll("`", "").split(", ") : [];
}

/** `1,024` and `` `1024` `` are one value. */
function plain(cell: string): string {
  return cell.replaceAll("`", "").replaceAll(/(\d),(?=\d{3})/g, "$1");
}

/** How a default begins that is one: where there is none, words say what happens. */
const VALUE = /^(\d|(on|off|true|false)\b)/;

/** A default without what is said about it, behind `:` or `;`. */
function withoutNote(byDefault: string): string {
  return byDefault.split(/[:;]/, 1)[0]!;
}

/** What the schema's words must hold of a range: `1 to 10`, `above 0 to 1`, `> 0s`. Other words say nothing of bounds. */
function boundsIn(range: string): readonly string[] {
  const span = /^(above )?([\d.]+)(\w*) to ([\d.]+\w*)/.exec(range);
  if (span !== null) {
    const [, above, from, unit, to] = span;
    if (above !== undefined) return [`above ${from} and up to ${to}`];
    return [unit === "" ? `in ${from}..${to}` : `from ${from}${unit} up to ${to}`];
  }
  const least = /^(>=?) (\d+s)/.exec(range);
  return least === null ? [] : [`${least[1] === ">" ? "above" : "from"} ${least[2]}`];
}

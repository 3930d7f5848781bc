import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";

/**
 * Lists what a package exports, as its built declarations say it: one line per declaration, sorted, blanks folded.
 *
 * Overloads give a line each. Follows `export { a, b as c } from "./file.ts"`, over several files if need be.
 *
 * @param entry path of the built `index.d.ts`
 * @throws  Error for an `export *` or a name whose declaration is not found: an unread surface must not pass
 */
export function publicSurface(entry: string): readonly string[] {
  const lines: string[] = [];
  for (const { name, from, as } of exportsOf(entry)) {
    for (const text of declarations(from, name)) lines.push(name === as ? text : `${text} // as ${as}`);
  }
  return lines.toSorted();
}

interface Exported {
  readonly name: string;
  readonly as: string;
  readonly from: string;
}

const LIST = /export\s+(?:type\s+)?\{([^}]*)\}(?:\s*from\s*"([^"]+)")?\s*;/g;
const DECLARED =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:function\*?|const|let|class|interface|type|enum)\s+([\w$]+)/gm;

function exportsOf(file: string): readonly Exported[] {
  const text = read(file);
  if (/^export\s+(type\s+)?\*/m.test(text)) throw new Error(`${file}: export * hides what is exported; list the names`);
  const listed = [...text.matchAll(LIST)].flatMap(([, names = "", from]) =>
    names
      .split(",")
      .map((part) => part.trim().replace(/^type /, ""))
      .filter((part) => part !== "")
      .map((part) => {
        const [name = "", as = name] = part.split(/\s+as\s+/);
        return { name, as, from: from === undefined ? file : from.startsWith(".") ? resolve(file, from) : from };
      }),
  );
  const own = new Set([...text.matchAll(DECLARED)].map(([, name = ""]) => name));
  return [...listed, ...[...own].map((name) => ({ name, as: name, from: file }))];
}

function declarations(file: string, name: string): readonly string[] {
  // Of another package: its own list says what it is.
  if (!isAbsolute(file)) return [`${name} of ${file}`];
  const text = read(file);
  const escaped = name.replaceAll("$", "\\$");
  const start = new RegExp(
    `^(?:export\\s+)?(?:declare\\s+)?(?:abstract\\s+)?(?:function\\*?|const|let|class|interface|type|enum)\\s+${escaped}(?![\\w$])`,
    "gm",
  );
  const found = [...text.matchAll(start)].map(({ index }) => fold(text.slice(index, endOf(text, index))));
  if (found.length > 0) return found;
  const onward = exportsOf(file).find(({ as, from }) => as === name && from !== file);
  if (onward === undefined) throw new Error(`${file}: no declaration of ${name} found`);
  return declarations(onward.from, onward.name);
}

/** The end of a declaration: its `;`, or the brace that closes an interface or a class. */
function endOf(text: string, start: number): number {
  const braced = /^(export\s+)?(declare\s+)?(abstract\s+)?(class|interface|enum)\b/.test(text.slice(start));
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"' || char === "'" || char === "`") at = text.indexOf(char, at + 1);
    else if ("{([".includes(char)) depth++;
    else if ("})]".includes(char)) {
      depth--;
      if (braced && depth === 0 && char === "}") return at + 1;
    } else if (char === ";" && depth === 0) return at + 1;
    if (at < 0) break;
  }
  return text.length;
}

function fold(text: string): string {
  return text
    .replace(/^export\s+/, "")
    .replace(/^declare\s+/, "")
    .replace(/\s+/g, " ")
    .trim();
}

function read(file: string): string {
  return readFileSync(file, "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "");
}

function resolve(file: string, specifier: string): string {
  return join(dirname(file), specifier.replace(/\.(ts|js)$/, ".d.ts"));
}

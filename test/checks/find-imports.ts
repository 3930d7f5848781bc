import { stripTypeScriptTypes } from "node:module";
import { init, parse } from "es-module-lexer";

/** How the lexer marks `import.meta`, which imports nothing. */
const META = -2;

/** One import, re-export or `import()`. */
export interface FoundImport {
  /** Undefined: it is known only when the program runs. */
  readonly specifier: string | undefined;
  /** 1 is the first line. */
  readonly line: number;
}

/**
 * Finds what a TypeScript module imports, types included.
 *
 * Types are replaced by blanks so that a lexer of JavaScript can read the rest; `import type` is first made a plain
 * import of the same length, because otherwise it would vanish with them.
 *
 * @param source erasable TypeScript
 * @throws  SyntaxError when the source cannot be read: a file that cannot be checked must not pass
 */
export async function findImports(source: string): Promise<readonly FoundImport[]> {
  await init;
  const plain = source.replace(/^(\s*)(import|export) type(?=\s*[{*]|\s+\w+\s+from)/gm, "$1$2     ");
  const code = stripTypeScriptTypes(plain);
  const [imports] = parse(code);
  return imports
    .filter(({ d: dynamic }) => dynamic !== META)
    .map(({ n: specifier, s: start }) => ({ specifier, line: code.slice(0, start).split("\n").length }));
}

/**
 * Finds uses of the npm consul client's own `.watch`, which loses updates (weak spots of 2.0.1): ours replaces it.
 *
 * @returns line numbers, 1 is the first; comments do not count
 */
export function findConsulWatch(source: string): readonly number[] {
  return source.split("\n").flatMap((line, at) => {
    const code = line.replace(/^\s*(\*|\/\/|\/\*).*$|\/\/ .*$/, "");
    return /\bconsul\w*(\.\w+)*\.watch\(/i.test(code) ? [at + 1] : [];
  });
}

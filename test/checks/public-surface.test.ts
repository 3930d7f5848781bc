import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { publicSurface } from "./public-surface.ts";

const root = mkdtempSync(join(tmpdir(), "weft-surface-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("a surface follows lists, renames and overloads, and folds each declaration into a line", () => {
  write(
    "index.d.ts",
    'export { f } from "./a.ts";\nexport type { Inner as Outer } from "./a.ts";\nexport declare const one: 1;\n',
  );
  write(
    "a.d.ts",
    "/** Says f; not { this. */\nexport declare function f(a: string): void;\nexport declare function f(a: {\n    b: 1;\n}): void;\n" +
      'interface Inner {\n    readonly a: ";";\n}\nexport interface InnerMore {\n    b: 2;\n}\nexport { Inner };\n',
  );
  expect(publicSurface(join(root, "index.d.ts"))).toEqual([
    "const one: 1;",
    "function f(a: string): void;",
    "function f(a: { b: 1; }): void;",
    'interface Inner { readonly a: ";"; } // as Outer',
  ]);
});

test("a surface with export * or a missing declaration is refused", () => {
  write("star.d.ts", 'export * from "./a.ts";\n');
  expect(() => publicSurface(join(root, "star.d.ts"))).toThrow("list the names");
  write("lost.d.ts", 'export { lost } from "./a.ts";\n');
  expect(() => publicSurface(join(root, "lost.d.ts"))).toThrow("no declaration of lost");
});

function write(name: string, text: string): void {
  writeFileSync(join(root, name), text);
}

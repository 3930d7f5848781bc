import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { findImports } from "./find-imports.ts";
import { checkImports } from "./imports.ts";

const root = mkdtempSync(join(tmpdir(), "weft-imports-"));
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("import rules", () => {
  test.each([
    ["packages/core/src/a.ts", 'import { join } from "node:path";', "not even node:"],
    ["packages/core/src/a.ts", 'import type { A } from "@weft/discovery";', "may not import @weft/discovery"],
    ["packages/core/src/a.ts", 'export type { A } from "undici";', "does not own undici"],
    ["packages/core/src/a.mts", 'import "undici";', "does not own undici"],
    ["packages/core/bin/a.js", 'import "undici";', "does not own undici"],
    ["packages/core/src/a.ts", 'const n = "node:fs";\nexport const a = await import(n);', "by a constant"],
    ["packages/config/src/a.ts", 'const a = await import("undici");\nexport { a };', "does not own undici"],
    ["packages/discovery/src/a.ts", 'import { a } from "@weft/core/src/stack.ts";', "reaches into"],
    ["packages/discovery/src/a.ts", 'import { a } from "../../core/src/stack.ts";', "leaves its package"],
    ["packages/discovery/src/a.ts", 'import { a } from "@weft/testkit";', "may not import @weft/testkit"],
    ["packages/client/src/a.ts", 'import { a } from "@weft/sidecar";', "may not import @weft/sidecar"],
    ["packages/client/src/a.ts", 'import { a } from "@weft/client";', "imports itself"],
    ["packages/client/src/a.test.ts", 'import axios from "axios";', "does not own axios"],
    ["packages/new/src/a.ts", 'import { a } from "@weft/core";', "has no row"],
    ["packages/discovery/src/a.ts", "export const w = consul.watch({});", "use the watcher"],
    ["examples/a.ts", 'import { a } from "../packages/client/src/mesh.ts";', "reaches into a package"],
  ])("%s may not hold %j", async (file, code, reason) => {
    plant(file, code);
    expect(await checkImports(root)).toEqual([expect.stringContaining(reason)]);
  });

  test.each([
    ["packages/cli/src/a.ts", 'import { a } from "@weft/gateway";'],
    ["packages/cli/src/a.ts", "export const here = import.meta.dirname;"],
    ["examples/a.ts", 'const n = "b.js";\nexport const a = await import(n);'],
    ["packages/client/src/a.ts", 'import { Pool } from "undici";\nimport type { A } from "@weft/core";'],
    [
      "packages/core/src/a.test.ts",
      'import { a } from "@weft/testkit";\nimport { b } from "vitest";\nimport "node:fs";',
    ],
    ["packages/core/src/a.ts", '// import { a } from "undici";\nexport const a = `import "undici"`;'],
  ])("%s may hold %j", async (file, code) => {
    plant(file, code);
    expect(await checkImports(root)).toEqual([]);
  });

  test("name the line of an import that spans several", async () => {
    const found = await findImports(
      'const re = /["`]/;\nimport {\n  a,\n  type B,\n} from "x";\nexport const c: B = a;\n',
    );
    expect(found).toEqual([{ specifier: "x", line: 5 }]);
  });
});

function plant(file: string, code: string): void {
  mkdirSync(join(root, dirname(file)), { recursive: true });
  writeFileSync(join(root, file), `${code}\n`);
}

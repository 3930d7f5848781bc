import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

/** What pnpm and npm read; other fields are of no interest here. */
interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

// `npm test` builds before it tests.
const outside = new Set(
  globSync("packages/cli/dist/bundle/*.js", { cwd: ROOT }).flatMap((file) =>
    Array.from(
      readFileSync(join(ROOT, file), "utf8").matchAll(/^import\b[^"]*"([^".][^"]*)";$|\bimport\("([^".][^"]*)"\)/gm),
      ([, early, late]) => nameOf(early ?? late ?? ""),
    ).filter((name) => !name.startsWith("node:")),
  ),
);
const command = manifest("packages/cli/package.json");

test("the bundled command brings all that its file imports, and nothing else", () => {
  const preloaded = ["@weft/telemetry"]; // by the process that `weft run` starts
  expect([...outside, ...preloaded].toSorted()).toEqual(Object.keys(command.dependencies ?? {}).toSorted());
});

test.each([...outside])("%s comes with the command in the version of the package that imports it", (name) => {
  const versions = globSync("packages/*/package.json", { cwd: ROOT })
    .map((path) => manifest(path))
    .flatMap(({ dependencies }) => dependencies?.[name] ?? []);
  expect(versions.length).toBeGreaterThanOrEqual(2);
  expect(new Set(versions)).toEqual(new Set([command.dependencies?.[name]]));
});

function nameOf(specifier: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
}

function manifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8")) as Manifest; // pnpm has read it before
}

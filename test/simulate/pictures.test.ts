import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { drawn, PICTURES, PICTURES_FOLDER } from "./pictures.ts";

// `node --conditions=@weft/source test/simulate/pictures.ts` draws them anew.
test.each(PICTURES)("$file is what the simulator draws, and small", { timeout: 120_000 }, async (picture) => {
  const there = readFileSync(join(PICTURES_FOLDER, picture.file), "utf8");
  expect(there).toBe(await drawn(picture));
  expect(there.length).toBeLessThan(20_000);
});

const pages = globSync("**/*.md", { cwd: join(PICTURES_FOLDER, "..") }).map((file) => {
  return readFileSync(join(PICTURES_FOLDER, "..", file), "utf8");
});

test("each picture is on a page, with words for whoever does not see it", () => {
  for (const { file } of PICTURES) {
    const shown = pages.flatMap((page) => [...page.matchAll(/!\[(.*?)\]\((?:\.\.\/)?pictures\/(.*?)\)/g)]);
    const words = shown.filter(([, , of]) => of === file).map(([, alt]) => alt!);
    expect(words, file).not.toEqual([]);
    for (const alt of words) expect(alt.length, file).toBeGreaterThan(40);
  }
});

test("there are no pictures but these, and they run nothing", () => {
  const there = globSync("*.svg", { cwd: PICTURES_FOLDER });
  expect(there.toSorted()).toEqual(PICTURES.map(({ file }) => file).toSorted());
  for (const file of there) {
    expect(readFileSync(join(PICTURES_FOLDER, file), "utf8")).not.toMatch(/<script|<image|@import|url\(|\son\w+=|NaN/);
  }
});

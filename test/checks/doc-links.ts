import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Finds the links of a page that lead nowhere: a file that is not there, or a heading that its page does not have. Links to
 * other places than this repository are not followed.
 *
 * @param root of the repository
 * @param page path from the root, with `/`
 * @returns one line for each: `docs/a.md:12: b.md#c: ...`
 */
export function lostLinks(root: string, page: string): readonly string[] {
  const found: string[] = [];
  withoutCode(readFileSync(join(root, page), "utf8")).forEach((text, at) => {
    for (const [, link = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path = "", heading] = link.split("#");
      const target = path === "" ? page : join(dirname(page), path);
      const wrong = problemOf(root, target, heading);
      if (wrong !== undefined) found.push(`${page}:${at + 1}: ${link}: ${wrong}`);
    }
  });
  return found;
}

function problemOf(root: string, target: string, heading: string | undefined): string | undefined {
  if (!existsSync(join(root, target))) return "there is no such file";
  if (heading === undefined || !target.endsWith(".md")) return undefined;
  return headingsOf(join(root, target)).has(heading) ? undefined : "there is no such heading";
}

/** As GitHub names them in links. */
function headingsOf(file: string): ReadonlySet<string> {
  const titles = withoutCode(readFileSync(file, "utf8")).flatMap((line) => /^#{1,6} (.*)$/.exec(line)?.[1] ?? []);
  return new Set(
    titles.map((title) =>
      title
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}

/** The lines of a page, those of fenced blocks empty. */
function withoutCode(page: string): readonly string[] {
  let fenced = false;
  return page.split("\n").map((line) => {
    const fence = /^\s*(```|~~~)/.test(line);
    if (fence) fenced = !fenced;
    return fenced || fence ? "" : line;
  });
}

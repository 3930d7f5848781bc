import { inWords, rolesOf, type Rule, type Story } from "./rule.ts";
import { RULES } from "./sections/all.ts";
import { DIFFERENCES } from "./standing-differences.ts";

const RULES_TITLE = "## The rules";
const DIFFERENCES_TITLE = "## Beside nghttp2";

/** The page with its tables made anew; what is written around them stays. @param page as it is */
export function conformancePage(page: string): string {
  return replaced(replaced(page, RULES_TITLE, rulesTable()), DIFFERENCES_TITLE, differencesTable());
}

function rulesTable(): string {
  const rows = RULES.toSorted(bySection).map((one) => {
    const does = "verdict" in one ? inWords(one.verdict) : one.does;
    return `| ${one.section} | ${cell(one.when)} | ${cell(does)} | ${rolesOf(one).join(", ")} |`;
  });
  return ["| section | what comes | what weft does | as |", "|---|---|---|---|", ...rows].join("\n");
}

function differencesTable(): string {
  const rows = DIFFERENCES.map(({ name, why }) => `| ${cell(name)} | ${cell(why)} |`);
  return ["| what | why |", "|---|---|", ...rows].join("\n");
}

/** Puts a table in the place of the one that stands below a title. */
function replaced(page: string, title: string, table: string): string {
  const from = page.indexOf("\n| ", page.indexOf(`\n${title}\n`));
  if (from < 0) throw new Error(`the page has no table below ${title}`);
  const next = page.indexOf("\n\n", from);
  return `${page.slice(0, from + 1)}${table}${next < 0 ? "\n" : page.slice(next)}`;
}

/** RFC 9113 first, section by section; within one, as the tests stand. */
function bySection(one: Rule | Story, other: Rule | Story): number {
  const [left, right] = [numbers(one.section), numbers(other.section)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(section: string): number[] {
  const [, rfc = "0", own = section] = /^RFC (\d+) (.*)$/.exec(section) ?? [];
  return [Number(rfc), ...own.split(".").map(Number)];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

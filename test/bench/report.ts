import { argv } from "node:process";
import { pathToFileURL } from "node:url";

/** Whether the module is what Node was started with. */
export function isMain(url: string): boolean {
  return argv[1] !== undefined && pathToFileURL(argv[1]).href === url;
}

/** A Markdown table with aligned columns: the first to the left, the others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string => {
    return `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(" | ")} |`;
  };
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** The middle one, of those in order the later of two; NaN of none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

export function percent(ratio: number, digits: number): string {
  return `${(ratio * 100).toFixed(digits)} %`;
}

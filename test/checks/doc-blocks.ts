/** A fenced block of a Markdown page. */
export interface DocBlock {
  /** First word after the fence; empty when there is none. */
  readonly language: string;
  /** Second word: what to do with it. */
  readonly mode: string;
  /** Line of the block's first line of code, 1 is the first of the page. */
  readonly line: number;
  readonly code: string;
}

/**
 * Finds the fenced blocks of a page, also those indented in a list.
 *
 * @throws Error with the line of a fence that is never closed
 */
export function docBlocks(page: string): readonly DocBlock[] {
  const blocks: DocBlock[] = [];
  let open: { indent: string; fence: string; language: string; mode: string; line: number; code: string[] } | undefined;
  page.split("\n").forEach((text, at) => {
    const [, indent = "", fence = "", info = ""] = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(text) ?? [];
    if (open === undefined) {
      if (fence === "") return;
      const [language = "", mode = ""] = info.trim().split(/\s+/);
      open = { indent, fence, language, mode, line: at + 2, code: [] };
    } else if (fence.startsWith(open.fence) && info.trim() === "") {
      const { language, mode, line, code } = open;
      blocks.push({ language, mode, line, code: `${code.join("\n")}\n` });
      open = undefined;
    } else open.code.push(text.startsWith(open.indent) ? text.slice(open.indent.length) : text);
  });
  if (open !== undefined) throw new Error(`the fence above line ${open.line} is never closed`);
  return blocks;
}

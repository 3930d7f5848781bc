import { isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { PolicyError } from "../problem/policy-error.ts";
import type { Path, Position, Problem } from "../problem/problem.ts";

export interface Tree {
  readonly value: unknown;
  /** Where the key or the value at `path` stands; the nearest thing around it when that is not in the text. */
  locate(path: Path, what: "key" | "value"): Position | undefined;
}

/** Aliases may stand for at most so many nodes together. Source: yaml's own bound against alias bombs. */
const MOST_ALIASES = 100;

/**
 * Text to plain values that know their place. JSON is checked by JSON's own rules first and then read as the YAML
 * that it is, for the places.
 *
 * @throws PolicyError for text that is neither, duplicate keys, tags of one's own, and aliases that expand without end
 */
export function readTree(text: string, file: string, format: "yaml" | "json"): Tree {
  const lines = new LineCounter();
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (format === "json") refuseBadJson(text, file);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const problems = [...document.errors, ...document.warnings].map((error): Problem => ({
    severity: "error",
    path: "",
    message: error.message,
    file,
    position: place(error.pos[0]),
  }));
  if (problems.length > 0) throw new PolicyError(problems);
  const root: unknown = document.contents;
  return { value: plain(), locate: (path, what) => locate(path, what) };

  function plain(): unknown {
    try {
      return document.toJS({ maxAliasCount: MOST_ALIASES });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new PolicyError([{ severity: "error", path: "", message, file }], error);
    }
  }

  function locate(path: Path, what: "key" | "value"): Position | undefined {
    let found: unknown = root;
    let offset = start(root);
    for (const [i, step] of path.entries()) {
      const last = i === path.length - 1;
      const node = isAlias(found) ? found.resolve(document) : found;
      if (isSeq(node)) found = node.items[Number(step)];
      else if (isMap(node)) {
        const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : undefined) === String(step));
        if (pair === undefined) break;
        found = last && (what === "key" || start(pair.value) === undefined) ? pair.key : pair.value;
      } else break;
      offset = start(found) ?? offset;
    }
    return offset === undefined ? undefined : place(offset);
  }
}

function start(node: unknown): number | undefined {
  if (isPair(node)) return start(node.key);
  return isNode(node) ? (node as Node).range?.[0] : undefined; // isNode says that it is one
}

function refuseBadJson(text: string, file: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const message = `is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    throw new PolicyError([{ severity: "error", path: "", message, file }], error);
  }
}

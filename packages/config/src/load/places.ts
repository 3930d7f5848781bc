import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  visit,
  type YAMLMap,
} from "yaml";
import type { Path } from "../problem/problem.ts";

/**
 * Finds where the key or the value at a path starts: its offset in the text, that of the nearest thing around it when
 * it is not in the text, undefined when nothing is.
 */
export function placesIn(document: Document): (path: Path, what: "key" | "value") => number | undefined {
  const pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();
  // Kept, or each of many mistakes in one large map would search it from its start.
  function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = pairs.get(map) ?? new Map(map.items.map((pair) => [keyText(pair) ?? "", pair]));
    pairs.set(map, known);
    return known;
  }
  return (path, what) => {
    let found: unknown = document.contents;
    let offset = start(found);
    for (const [i, step] of path.entries()) {
      const last = i === path.length - 1;
      const node = isAlias(found) ? found.resolve(document) : found;
      if (isSeq(node)) found = node.items[Number(step)];
      else if (isMap(node)) {
        const pair = pairsOf(node).get(String(step));
        if (pair === undefined) break;
        found = last && (what === "key" || start(pair.value) === undefined) ? pair.key : pair.value;
      } else break;
      offset = start(found) ?? offset;
    }
    return offset;
  };
}

/** Every second and later use of a key within one map, and where it starts. Cost: O(keys). */
export function keysGivenTwice(
  document: Document,
): readonly { readonly text: string; readonly offset: number | undefined }[] {
  const twice: { text: string; offset: number | undefined }[] = [];
  visit(document, {
    Map(_key, map) {
      const seen = new Set<string>();
      for (const pair of map.items) {
        const text = keyText(pair);
        if (text === undefined) continue;
        if (seen.has(text)) twice.push({ text, offset: start(pair.key) });
        seen.add(text);
      }
    },
  });
  return twice;
}

function keyText({ key }: Pair): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}

function start(node: unknown): number | undefined {
  if (isPair(node)) return start(node.key);
  return isNode(node) ? (node as Node).range?.[0] : undefined; // isNode says that it is one
}

/**
 * The known word that `word` was most likely meant to be; undefined when none is near.
 *
 * Near: at most one edit per three letters of the longer, at least one. An edit inserts, removes, replaces one letter
 * or swaps two neighbours. Case does not count.
 */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  if (word.length > 64) return undefined;
  for (const candidate of known) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (edits <= allowed && edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/** Optimal string alignment. Source: Damerau 1964. Cost: O(a * b). */
function distance(a: string, b: string): number {
  let twoBack: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, twoBack[j - 2]! + 1);
      row.push(edits);
    }
    [twoBack, last] = [last, row];
  }
  return last[b.length]!;
}

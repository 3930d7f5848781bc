/** Whose answer may have to be watched. */
interface Watched {
  /** Begins to watch, unless the answer is over. */
  watch(): void;
}

let soon: Watched[] = [];

/**
 * Has an answer watched from the end of this turn on. Most end with the read that began them: for those nothing is
 * made, and no timer set and cleared.
 */
export function watchSoon(watched: Watched): void {
  if (soon.push(watched) === 1) setImmediate(watchAll);
}

function watchAll(): void {
  const due = soon;
  soon = [];
  for (const watched of due) watched.watch();
}

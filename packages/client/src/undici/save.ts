import { giveBack } from "../give-back.ts";

/*
 * Importing undici 8 puts an Agent of its own in the place where undici 6, 7 and the fetch of Node 22 and 24 look for
 * their global dispatcher, unless an undici 8 was there before. An application that had set one would lose it by
 * importing weft. So what stood there is noted before the import, and put back after it: `save`, undici, `restore`.
 */
const LEGACY = Symbol.for("undici.globalDispatcher.1");
const CURRENT = Symbol.for("undici.globalDispatcher.2");

type Globals = { [LEGACY]?: unknown; [CURRENT]?: unknown };
// The symbols are undici's own contract with itself; nothing else declares them.
const globals = globalThis as Globals;

const before = { legacy: globals[LEGACY], current: globals[CURRENT] };

export function restoreGlobalDispatcher(): void {
  if (before.current === undefined && globals[LEGACY] !== before.legacy) globals[LEGACY] = before.legacy;
}

/**
 * Runs what changes the global dispatchers.
 *
 * @returns the way back: each place gets what it had before, unless somebody else has written to it since
 */
export function changeGlobalDispatchers(change: () => void): () => void {
  const found = { legacy: globals[LEGACY], current: globals[CURRENT] };
  change();
  const undo = [
    giveBack(
      found.current,
      () => globals[CURRENT],
      (dispatcher) => (globals[CURRENT] = dispatcher),
    ),
    giveBack(
      found.legacy,
      () => globals[LEGACY],
      (dispatcher) => (globals[LEGACY] = dispatcher),
    ),
  ];
  return () => {
    for (const step of undo) step();
  };
}

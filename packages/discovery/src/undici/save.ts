/*
 * undici 8, when imported, sets itself as the dispatcher that undici 6, 7 and the fetch of Node 22 and 24 look up,
 * unless an undici 8 stands there already. Whoever had set one would lose it by importing this package. So `save` runs
 * before undici is imported, and `restore` after it.
 * Source: undici lib/global.js.
 */
const LEGACY = Symbol.for("undici.globalDispatcher.1");
const CURRENT = Symbol.for("undici.globalDispatcher.2");

const found = { legacy: read(LEGACY), current: read(CURRENT) };

export function restoreGlobalDispatcher(): void {
  if (found.current === undefined) Reflect.set(globalThis, LEGACY, found.legacy);
}

function read(symbol: symbol): unknown {
  return Reflect.get(globalThis, symbol);
}

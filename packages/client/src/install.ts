import { giveBack } from "./give-back.ts";
import type { InstallOptions, Mesh } from "./mesh.ts";
import { setGlobalDispatcher } from "./undici.ts";
import { http } from "./undici/node-http.ts";
import { changeGlobalDispatchers } from "./undici/save.ts";

/** How often each mesh is installed now: the last one disposed takes it out. */
const installed = new WeakMap<Mesh, { times: number; readonly undo: (() => void)[] }>();

/** Puts the mesh where the process looks for its clients, and back what was there when disposed. */
export function install(mesh: Mesh, options: InstallOptions): Disposable {
  const now = installed.get(mesh) ?? { times: 0, undo: [] };
  installed.set(mesh, now);
  if (now.times++ === 0) now.undo.push(...put(mesh, options));
  let disposed = false;
  return {
    [Symbol.dispose]() {
      if (disposed) return;
      disposed = true;
      if (--now.times === 0) for (const step of now.undo.splice(0).toReversed()) step();
    },
  };
}

/** Takes the mesh out wherever it is still installed: a process must not be left with a closed one. */
export function uninstall(mesh: Mesh): void {
  for (const step of installed.get(mesh)?.undo.splice(0).toReversed() ?? []) step();
}

function put(mesh: Mesh, options: InstallOptions): (() => void)[] {
  const undo: (() => void)[] = [];
  if (options.fetch ?? true) {
    const before = globalThis.fetch;
    globalThis.fetch = mesh.fetch as typeof fetch; // takes all that fetch takes
    undo.push(
      giveBack(
        before,
        () => globalThis.fetch,
        (fetch) => (globalThis.fetch = fetch),
      ),
    );
  }
  if (options.dispatcher ?? true) undo.push(changeGlobalDispatchers(() => setGlobalDispatcher(mesh.dispatcher)));
  if (options.httpAgent ?? true) {
    const before = http.globalAgent;
    http.globalAgent = mesh.agent();
    undo.push(
      giveBack(
        before,
        () => http.globalAgent,
        (agent) => (http.globalAgent = agent),
      ),
    );
  }
  return undo;
}

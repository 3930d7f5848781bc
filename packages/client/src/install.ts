import type { InstallOptions, Mesh } from "./mesh.ts";
import { setGlobalDispatcher } from "./undici.ts";
import { http } from "./undici/node-http.ts";
import { changeGlobalDispatchers } from "./undici/save.ts";

/** Puts the mesh where the process looks for its clients, and back what was there when disposed. */
export function install(mesh: Mesh, options: InstallOptions = {}): Disposable {
  const undo: (() => void)[] = [];
  if (options.fetch ?? true) {
    const before = globalThis.fetch;
    const ours = mesh.fetch as typeof fetch; // takes all that fetch takes
    globalThis.fetch = ours;
    undo.push(() => {
      if (globalThis.fetch === ours) globalThis.fetch = before;
    });
  }
  if (options.dispatcher ?? true) {
    undo.push(changeGlobalDispatchers(() => setGlobalDispatcher(mesh.dispatcher)));
  }
  if (options.httpAgent ?? true) {
    const before = http.globalAgent;
    const ours = mesh.agent();
    http.globalAgent = ours;
    undo.push(() => {
      if (http.globalAgent === ours) http.globalAgent = before;
    });
  }
  return {
    [Symbol.dispose]() {
      for (const step of undo.splice(0).toReversed()) step();
    },
  };
}

import { callOptionsMistake } from "./check-options.ts";
import type { MeshFetch } from "./mesh.ts";
import type { MeshDispatcher } from "./mesh-dispatcher.ts";

/** Different options remembered. A call with others makes its fetch anew, which costs some microseconds. */
const REMEMBERED = 64;

/** The mesh's fetch: the plain one, and one for each set of options that calls bring along. */
export function meshFetch(dispatcher: MeshDispatcher, make: (over: MeshDispatcher) => typeof fetch): MeshFetch {
  const plain = make(dispatcher);
  const bound = new Map<string, typeof fetch>();
  return (input, init) => {
    if (init?.mesh === undefined) return plain(input, init);
    const { mesh, ...rest } = init;
    const key = mesh === null ? "" : `${Object.keys(mesh).join()} ${mesh.timeoutMs} ${mesh.idempotent}`;
    let own = bound.get(key);
    if (own === undefined) {
      const mistake = callOptionsMistake(mesh);
      if (mistake !== undefined) return Promise.reject(mistake);
      own = make(dispatcher.with(mesh));
      if (bound.size >= REMEMBERED) bound.clear();
      bound.set(key, own);
    }
    return own(input, rest);
  };
}

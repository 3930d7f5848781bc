import { callOptionsMistake } from "./check-options.ts";
import type { MeshFetch } from "./mesh.ts";
import type { MeshDispatcher } from "./mesh-dispatcher.ts";
import type { CallOptions } from "./service/call-options.ts";

/** Different options remembered. A call with others makes its fetch anew, which costs some microseconds. */
const REMEMBERED = 64;

/** The mesh's fetch: the plain one, and one for each set of options that calls bring along. */
export function meshFetch(dispatcher: MeshDispatcher, make: (over: MeshDispatcher) => typeof fetch): MeshFetch {
  const plain = make(dispatcher);
  const known = new Map<string, typeof fetch>();

  function bound(own: CallOptions): typeof fetch {
    const key = own === null ? "" : `${Object.keys(own).join()} ${own.timeoutMs} ${own.idempotent}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const mistake = callOptionsMistake(own);
    if (mistake !== undefined) throw mistake;
    const made = make(dispatcher.with(own));
    if (known.size >= REMEMBERED) known.clear();
    known.set(key, made);
    return made;
  }

  return (input, init) => {
    try {
      if (init?.mesh === undefined) return plain(input, init);
      const { mesh, ...rest } = init;
      return bound(mesh)(input, rest);
    } catch (error) {
      // Options that are none, or what a getter of the caller's throws: a fetch rejects.
      return Promise.reject(error);
    }
  };
}

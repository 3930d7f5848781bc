/** Somebody of weft's in a place of the process, such as `globalThis.fetch`. */
interface Occupation<Value> {
  readonly ours: Value;
  /** What the place gets back. */
  before: Value;
}

/** Those that last, of every place: what stands in one place stands in no other. */
const lasting = new Set<Occupation<unknown>>();

/**
 * Remembers what stood in a place that has just been written to.
 *
 * @returns the way back, to be taken once: the place gets what it had, unless somebody else has written to it since. Was
 *   that another mesh, it gives back what this one would have: two meshes may leave in any order
 */
export function giveBack<Value>(before: Value, read: () => Value, write: (value: Value) => void): () => void {
  const own: Occupation<Value> = { ours: read(), before };
  lasting.add(own);
  return () => {
    lasting.delete(own);
    if (read() === own.ours) write(own.before);
    else for (const other of lasting) if (other.before === own.ours) other.before = own.before;
  };
}

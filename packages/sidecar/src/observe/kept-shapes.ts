/** So many calls stay: they differ by what has a body, by the protocols of both sides, by what befell them. */
const KEPT = 16;

/**
 * Keeps the calls that ended last from the garbage collector. Nobody reads them.
 *
 * V8 forgets the shape (hidden class) of objects of which a collection finds none, and with it all compiled code that
 * counts on that shape. Where calls come one by one most collections fall between two of them, and the calls behind each
 * ran by code that was not compiled (docs/performance.md, "A sidecar with little to do").
 */
export class KeptShapes {
  readonly #kept: object[] = [];
  #next = 0;

  /** @param ended with all that it refers to */
  keep(ended: object): void {
    this.#kept[this.#next] = ended;
    this.#next = (this.#next + 1) % KEPT;
  }
}

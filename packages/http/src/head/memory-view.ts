/**
 * A view of the memory that bytes lie in, made anew only when that is another than the last time. One for each reader:
 * reads that come by turns from callers and from endpoints lie in memory of their own.
 */
export class MemoryView<View> {
  readonly #make: (memory: ArrayBufferLike) => View;
  #bytes: Buffer | undefined = undefined;
  #memory: ArrayBufferLike = new ArrayBuffer(0);
  #view: View;

  /** @param make of all of the memory */
  constructor(make: (memory: ArrayBufferLike) => View) {
    this.#make = make;
    this.#view = make(this.#memory);
  }

  of(bytes: Buffer): View {
    // To ask bytes for their memory is a call into C++. What comes in one read, or from an endpoint, lies in the same ones.
    if (bytes === this.#bytes) return this.#view;
    const memory = bytes.buffer;
    this.#bytes = bytes;
    if (memory !== this.#memory) {
      this.#memory = memory;
      this.#view = this.#make(memory);
    }
    return this.#view;
  }
}

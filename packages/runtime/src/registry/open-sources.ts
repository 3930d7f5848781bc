import type { Discovery } from "@weft/core";

/** Sources that are open, and those that are about to end: whoever closes them all waits for both. */
export class OpenSources<Source extends { readonly discovery: Pick<Discovery, "close"> }> {
  readonly #open = new Set<Source>();
  readonly #ending = new Set<Promise<void>>();

  add(source: Source): void {
    this.#open.add(source);
  }

  /** Once for each that was added; nothing the second time. */
  end(source: Source): void {
    if (!this.#open.delete(source)) return;
    const ending = source.discovery.close();
    const over = (): void => void this.#ending.delete(ending);
    this.#ending.add(ending);
    ending.then(over, over);
  }

  async close(): Promise<void> {
    for (const source of this.#open) this.end(source);
    await Promise.all(this.#ending);
  }
}

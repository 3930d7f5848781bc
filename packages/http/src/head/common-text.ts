import { latin1 } from "./latin1.ts";

/**
 * Text that a message mostly has in common with the one before it.
 *
 * What was put together is still its parts for V8, which gathers them anew for whatever they are put into. From the
 * second time on it is one piece; text that nobody asks for again is left as it is.
 */
export class CommonText {
  #text = "";
  #whole = false;

  /** @param text a character for each byte. @returns it */
  anew(text: string): string {
    this.#whole = false;
    return (this.#text = text);
  }

  /** The same as the last time. */
  again(): string {
    if (this.#whole) return this.#text;
    this.#whole = true;
    const bytes = Buffer.from(this.#text, "latin1");
    return (this.#text = latin1(bytes, 0, bytes.length));
  }
}

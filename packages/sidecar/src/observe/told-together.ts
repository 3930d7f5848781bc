import type { Time } from "@weft/core";

/**
 * Tells of what may come too often to be told one by one: of the first at once, and then of what came together in each
 * `everyMs`. Whoever makes very many must not fill the log.
 */
export class ToldTogether<First> {
  readonly #time: Time;
  readonly #everyMs: number;
  readonly #tell: (first: First, count: number) => void;
  #count = 0;
  #first: First | undefined = undefined;
  /** Of the time until the next telling; undefined: nothing has been told for so long. */
  #disarm: (() => void) | undefined = undefined;

  constructor(time: Time, everyMs: number, tell: (first: First, count: number) => void) {
    this.#time = time;
    this.#everyMs = everyMs;
    this.#tell = tell;
  }

  /** @param first asked for only when it is the first of those that are told together */
  add(first: () => First): void {
    this.#count++;
    this.#first ??= first();
    if (this.#disarm === undefined) this.#tellNow(this.#first);
  }

  /** Nothing more comes: what is left is told now. */
  close(): void {
    this.#disarm?.();
    if (this.#first !== undefined) this.#tellNow(this.#first);
    this.#disarm?.();
  }

  #tellNow(first: First): void {
    const count = this.#count;
    this.#count = 0;
    this.#first = undefined;
    this.#disarm = this.#time.after(this.#everyMs, () => {
      this.#disarm = undefined;
      if (this.#first !== undefined) this.#tellNow(this.#first);
    });
    this.#tell(first, count);
  }
}

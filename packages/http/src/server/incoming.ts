import type { Socket } from "node:net";

/** What a caller has sent and nobody has taken yet, and whether more of it is read. */
export class Incoming {
  /** Part of a head, or requests behind the one that is being answered. */
  held: Buffer | undefined = undefined;
  /** The caller has sent its FIN. It may still read. */
  ended = false;

  readonly #socket: Socket;
  #paused = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  hold(bytes: Buffer): void {
    this.held = this.held === undefined ? bytes : Buffer.concat([this.held, bytes]);
  }

  /** What is held becomes somebody else's, or nobody's. */
  release(): Buffer | undefined {
    const { held } = this;
    this.held = undefined;
    return held;
  }

  /** @param wanted false: what comes stays in the kernel */
  read(wanted: boolean): void {
    if (wanted === !this.#paused) return;
    this.#paused = !wanted;
    if (wanted) this.#socket.resume();
    else this.#socket.pause();
  }
}

import type { Socket } from "node:net";

/** Whether a caller is too slow for its connection, whatever its streams do. Asked by the sweep, about once a second. */
export class CallerPace {
  readonly #socket: Socket;
  #headSinceMs = -1;
  #unsentSinceMs: number;
  #sentBefore = 0;

  constructor(socket: Socket, nowMs: number) {
    this.#socket = socket;
    this.#unsentSinceMs = nowMs;
  }

  /** @param inHead whether the rest of a head, or of the preface, is waited for */
  slowHead(inHead: boolean, headMs: number, nowMs: number): boolean {
    if (!inHead) this.#headSinceMs = -1;
    else if (this.#headSinceMs < 0) this.#headSinceMs = nowMs;
    return inHead && nowMs - this.#headSinceMs > headMs;
  }

  /** Whether nothing of what was written has left. */
  stalled(stallMs: number, nowMs: number): boolean {
    const { bytesWritten, writableLength } = this.#socket;
    const sent = bytesWritten - writableLength;
    if (writableLength === 0 || sent !== this.#sentBefore) this.#unsentSinceMs = nowMs;
    this.#sentBefore = sent;
    return nowMs - this.#unsentSinceMs > stallMs;
  }
}

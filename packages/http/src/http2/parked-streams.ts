import type { OutgoingStream } from "./outgoing-stream.ts";

/** What bounds all streams of a connection. */
interface Way {
  /** What the peer takes of all streams. */
  readonly sendWindow: number;
  readonly output: { readonly clogged: boolean };
}

/** The streams of a connection whose bytes wait for a window, or for the socket. */
export class ParkedStreams {
  readonly #way: Way;
  #parked: OutgoingStream[] = [];
  #pumping = false;

  constructor(way: Way) {
    this.#way = way;
  }

  /** @param open how many streams the connection has: more than that wait in vain, and are let go of */
  add(stream: OutgoingStream, open: number): void {
    if (stream.parked) return;
    stream.parked = true;
    if (this.#parked.length > open) this.#parked = this.#parked.filter(({ waits }) => waits);
    this.#parked.push(stream);
  }

  /** Sends what waits, a frame of each stream in turn, as far as windows and socket let it. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    let moved = true;
    while (moved && this.#parked.length > 0 && this.#way.sendWindow > 0 && !this.#way.output.clogged) {
      moved = false;
      const turn = this.#parked;
      this.#parked = [];
      for (const stream of turn) {
        stream.parked = false;
        if (stream.pump()) moved = true;
        if (stream.waits) this.add(stream, Number.POSITIVE_INFINITY);
      }
    }
    this.#pumping = false;
  }
}

import type { Timer } from "@weft/core";
import type { Sink } from "./sink.ts";

export interface LineWriterOptions {
  /** Bytes of lines kept while they cannot be written, > 0. Default 1 MiB: some 2,500 lines. */
  readonly maxBytes?: number;
  /** How long `close` tries, in ms. Default 2,000. */
  readonly closeMs?: number;
  /**
   * Told why lines cannot be written, once until they can be, and then with undefined. Of a pipe that is full nobody is
   * told: that is for its reader to mend, and it is read again at any moment. Default: nobody.
   */
  readonly onTrouble?: (why: string | undefined) => void;
}

/**
 * Until a write is tried again, in ms. A pipe that is full is read within a millisecond, or its reader is stuck: twice as long
 * each time, up to the most. A full disk is not soon emptied.
 */
const PAUSES = { full: 1, fullMost: 128, other: 1_000 };
const LINE_END = 0x0a;

/**
 * Puts lines together and writes one batch at a time: what comes in the same turn, or during a write, is one write.
 *
 * What cannot be written is kept and tried again from the byte it stopped at, so that no line is torn; when there is no
 * room left, lines that come are dropped and counted. Cost of a line: one concatenation.
 */
export class LineWriter {
  readonly #sink: Sink;
  readonly #timer: Timer;
  readonly #maxBytes: number;
  readonly #closeMs: number;
  readonly #onTrouble: NonNullable<LineWriterOptions["onTrouble"]>;
  /** Lines that wait for the next batch: ASCII, so that its length is its bytes. */
  #waiting = "";
  /** The batch that is being written, from `#from` on. */
  #batch: Buffer | undefined;
  #from = 0;
  #pauseMs = PAUSES.full;
  /** Somebody was told so. */
  #troubled = false;
  /** A flush is on its way: by the turn's end, a write's end, or the end of a pause. */
  #due = false;
  #dropped = 0;
  /** The sink was opened anew: the rest of a line whose start went to the old one is of no use. */
  #moved = false;
  #closed = false;
  /** Nothing is written any more, whatever comes back from the sink or a pause. */
  #over = false;
  #told: (() => void) | undefined;

  constructor(sink: Sink, timer: Timer, options: LineWriterOptions = {}) {
    this.#sink = sink;
    this.#timer = timer;
    this.#maxBytes = options.maxBytes ?? 1_048_576;
    this.#closeMs = options.closeMs ?? 2_000;
    this.#onTrouble = options.onTrouble ?? (() => {});
  }

  get linesDropped(): number {
    return this.#dropped;
  }

  /** @param line ASCII, with its end */
  write(line: string): void {
    const kept = this.#waiting.length + (this.#batch === undefined ? 0 : this.#batch.length - this.#from);
    if (this.#closed || kept + line.length > this.#maxBytes) {
      this.#dropped++;
      return;
    }
    this.#waiting += line;
    if (this.#due) return;
    this.#due = true;
    setImmediate(this.#flush);
  }

  /** @throws what the system says; then lines go where they went */
  async reopen(): Promise<void> {
    if (!this.#sink.named) return;
    await this.#sink.reopen();
    this.#moved = true;
    if (this.#over) this.#sink.close();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#due) {
      const written = new AbortController();
      this.#told = () => written.abort();
      // Keeps the process alive meanwhile, which the pauses between tries do not.
      await this.#timer.sleep(this.#closeMs, written.signal).catch(() => {});
    }
    this.#over = true;
    this.#dropped += linesIn(this.#batch, this.#from) + linesIn(Buffer.from(this.#waiting), 0);
    this.#waiting = "";
    this.#sink.close();
  }

  readonly #flush = (): void => {
    if (this.#over) return;
    if (this.#moved) this.#skipTornLine();
    if (this.#batch === undefined) {
      if (this.#waiting === "") {
        this.#due = false;
        this.#told?.();
        return;
      }
      this.#batch = Buffer.from(this.#waiting, "latin1");
      this.#from = 0;
      this.#waiting = "";
    }
    this.#sink.write(this.#batch, this.#from, this.#wrote);
  };

  readonly #wrote = (error: NodeJS.ErrnoException | null, written: number): void => {
    if (this.#over) return; // given up, and counted, by `close`
    if (error !== null) {
      const full = error.code === "EAGAIN";
      if (!full && !this.#troubled) {
        this.#troubled = true;
        this.#onTrouble(error.message);
      }
      this.#timer.after(full ? this.#pauseMs : PAUSES.other, this.#flush);
      if (full) this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSES.fullMost);
      return;
    }
    if (this.#troubled) {
      this.#troubled = false;
      this.#onTrouble(undefined);
    }
    this.#pauseMs = PAUSES.full;
    this.#from += written;
    if (this.#from === this.#batch?.length) this.#batch = undefined;
    this.#flush();
  };

  #skipTornLine(): void {
    this.#moved = false;
    const batch = this.#batch;
    if (batch === undefined || this.#from === 0 || batch[this.#from - 1] === LINE_END) return;
    this.#dropped++;
    this.#from = batch.indexOf(LINE_END, this.#from) + 1; // a batch ends with the end of a line
    if (this.#from === batch.length) this.#batch = undefined;
  }
}

function linesIn(bytes: Buffer | undefined, from: number): number {
  let lines = 0;
  for (let at = from; bytes !== undefined && at < bytes.length; at++) if (bytes[at] === LINE_END) lines++;
  return lines;
}

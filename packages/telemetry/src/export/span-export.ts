import { AsyncLocalStorage } from "node:async_hooks";
import type { SpanData, SpanSink } from "../tracing/span-data.ts";
import type { Delivery, OtlpSender } from "./otlp-sender.ts";
import type { Message, SpanQueue } from "./span-queue.ts";

export interface SpanExportOptions {
  /** How long a span waits for others, in ms. */
  readonly intervalMs: number;
  /** What `close` takes at most, in ms. */
  readonly closeMs: number;
  /** Told of spans that were lost, and why: at once, and then what came together in ten seconds. */
  readonly onDrop: (spans: number, why: string) => void;
  /** Told why, when the collector begins not to take spans, and undefined when it takes them again. */
  readonly onTrouble: (why: string | undefined) => void;
}

/** So many spans are sent without waiting for more. */
const ENOUGH_SPANS = 512;

/** Pauses while the collector is away: twice as long each time. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;
/** A message that could not be delivered for so long makes room for newer ones. */
const GIVE_UP_MS = 60_000;

/** Between two tellings of what was dropped. */
const TELL_MS = 10_000;

/**
 * Sends what is in a queue of spans, one message at a time, in the background of whoever writes.
 *
 *   empty --(a span)--> gathering --(time, or enough spans)--> sending --(nothing left)--> empty
 *
 * While it sends, it tries a message again until it is accepted, refused or too old. Only `close` keeps the process alive.
 */
export class SpanExport implements SpanSink {
  dropped = 0;

  readonly #queue: SpanQueue;
  readonly #sender: OtlpSender;
  readonly #options: SpanExportOptions;
  /** Where the sending is done: not in the async context of a call, whose trace would surround it. */
  readonly #apart = AsyncLocalStorage.snapshot();
  #gathering: NodeJS.Timeout | undefined = undefined;
  #sending: Promise<void> | undefined = undefined;
  #closing: Promise<void> | undefined = undefined;
  /** Ends the pause before the next try. */
  #hurry: () => void = () => {};
  /** Why the collector did not take the last message; undefined: it did. */
  #trouble: string | undefined = undefined;
  #untold = 0;
  #why = "";
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(queue: SpanQueue, sender: OtlpSender, options: SpanExportOptions) {
    this.#queue = queue;
    this.#sender = sender;
    this.#options = options;
  }

  write(span: SpanData): void {
    if (this.#closing !== undefined) return this.#drop(1, "the export is closed");
    if (!this.#queue.add(span)) return this.#drop(1, "the queue is full");
    if (this.#sending !== undefined) return;
    if (this.#gathering === undefined) this.#sendIn(this.#options.intervalMs);
    else if (this.#queue.spans === ENOUGH_SPANS) this.#sendIn(0);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#apart(() => this.#finish()));
  }

  #sendIn(ms: number): void {
    clearTimeout(this.#gathering);
    this.#gathering = this.#apart(() => setTimeout(() => void this.#send(), ms));
    this.#gathering.unref();
  }

  /** Until nothing is left. Never rejects. */
  #send(): Promise<void> {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    return (this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
      if (this.#queue.spans > 0) this.#sendIn(this.#options.intervalMs); // written as the last one was answered
    }));
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#queue.take(); next !== undefined; next = this.#queue.take()) await this.#deliver(next);
  }

  async #deliver({ bytes, spans }: Message): Promise<void> {
    const beganMs = performance.now();
    const packed = await this.#sender.pack(bytes);
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const last = this.#closing !== undefined; // what was on its way when the end came is tried once more
      const delivery = await this.#sender.send(packed);
      this.#take(delivery);
      if (delivery.kind === "accepted") {
        // It may say a number that is none of ours.
        const lost = Math.min(delivery.rejected, spans);
        return lost > 0 ? this.#drop(lost, `the collector rejected them: ${delivery.why}`) : undefined;
      }
      const late = last || performance.now() - beganMs > GIVE_UP_MS;
      if (delivery.kind === "refused" || late) return this.#drop(spans, `the collector: ${delivery.why}`);
      await this.#pause(Math.max(pauseMs, delivery.afterMs));
    }
  }

  #take(delivery: Delivery): void {
    const why = delivery.kind === "accepted" ? undefined : delivery.why;
    const changed = (why === undefined) !== (this.#trouble === undefined);
    this.#trouble = why;
    if (changed) harmless(() => this.#options.onTrouble(why));
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closing !== undefined) return resolve();
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Sends what is left, as far as the time allows, and without pauses. */
  async #finish(): Promise<void> {
    // Which also keeps the process alive meanwhile.
    const late = setTimeout(() => this.#sender.close(), this.#options.closeMs);
    this.#hurry();
    await this.#send(); // of what is being sent already
    await this.#send();
    clearTimeout(late);
    this.#sender.close();
    if (this.#untold > 0) this.#tell();
  }

  #drop(spans: number, why: string): void {
    this.dropped += spans;
    this.#untold += spans;
    this.#why = why;
    if (performance.now() - this.#toldMs >= TELL_MS) this.#tell();
  }

  #tell(): void {
    const spans = this.#untold;
    this.#toldMs = performance.now();
    this.#untold = 0;
    harmless(() => this.#options.onDrop(spans, this.#why));
  }
}

/** Whoever is told must not stop what tells. */
function harmless(tell: () => void): void {
  try {
    tell();
  } catch {
    // It is told of troubles elsewhere; there is nobody left to tell of this one.
  }
}

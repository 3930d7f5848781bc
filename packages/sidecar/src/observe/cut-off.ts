import type { Time } from "@weft/core";
import type { RefusedBytes } from "@weft/http";
import type { LogLine } from "../sidecar-options.ts";
import { ToldTogether } from "./told-together.ts";

/** Between two lines of one kind. */
const TELL_MS = 60_000;
/** As HTTP/2 calls it, and so the code of a connection that was ended for it. */
const CUT_OFF = "enhance-your-calm";

/**
 * Says which callers were cut off for what a flood does: asking for work that is for nothing. Kind by kind, the first at
 * once, for it is the operator's to know where there is no access log; further ones together, once a minute.
 */
export class CutOff {
  readonly #listener: string;
  readonly #time: Time;
  readonly #log: (line: LogLine) => void;
  /** By what was done, in words of ours: there are no more than that. */
  readonly #kinds = new Map<string, ToldTogether<string>>();

  constructor(listener: string, time: Time, log: (line: LogLine) => void) {
    this.#listener = listener;
    this.#time = time;
    this.#log = log;
  }

  /** Bytes were refused. What is no flood is not told. */
  add({ code, detail, peer }: RefusedBytes): void {
    if (code !== CUT_OFF) return;
    let kind = this.#kinds.get(detail);
    if (kind === undefined) {
      kind = new ToldTogether(this.#time, TELL_MS, (first, count) => this.#tell(detail, first, count));
      this.#kinds.set(detail, kind);
    }
    kind.add(() => peer);
  }

  /** The listener takes no more. */
  close(): void {
    for (const kind of this.#kinds.values()) kind.close();
  }

  #tell(detail: string, peer: string, count: number): void {
    const which = count === 1 ? `the connection of ${peer}` : `${count} connections, the first of ${peer},`;
    this.#log({ level: "warn", text: `${this.#listener}: cut off ${which} for a flood: ${detail}` });
  }
}

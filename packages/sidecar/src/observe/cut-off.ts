import type { Time } from "@weft/core";
import type { RefusedBytes } from "@weft/http";
import type { LogLine } from "../sidecar-options.ts";
import { ToldTogether } from "./told-together.ts";

/** Between two lines of one kind. */
const TELL_MS = 60_000;
/** As HTTP/2 calls it, and so the code of a caller's connection that was ended for it. */
const FLOOD = "enhance-your-calm";
const SLOW_HEAD = "slow-head";

/**
 * Says whose connections were cut off for what a flood does, asking for work that is for nothing, or for a head that
 * did not come. Kind by kind, the first at once, for it is the operator's to know where there is no access log; further
 * ones together, once a minute.
 */
export class CutOff {
  readonly #where: string;
  readonly #whose: "of" | "to";
  readonly #time: Time;
  readonly #log: (line: LogLine) => void;
  /** By what was done, in words of ours: there are no more than that. */
  readonly #kinds = new Map<string, ToldTogether<string>>();

  /** @param whose connections of callers, or to endpoints */
  constructor(where: string, whose: "of" | "to", time: Time, log: (line: LogLine) => void) {
    this.#where = where;
    this.#whose = whose;
    this.#time = time;
    this.#log = log;
  }

  /** Bytes of a caller's were refused. What is neither is not told. */
  add({ code, detail, peer }: RefusedBytes): void {
    if (code === FLOOD) this.flood(peer, detail);
    else if (code === SLOW_HEAD) this.#add(peer, `for slowness: ${detail}`);
  }

  /** @param peer `address:port` */
  flood(peer: string, detail: string): void {
    this.#add(peer, `for a flood: ${detail}`);
  }

  /** No more comes. */
  close(): void {
    for (const kind of this.#kinds.values()) kind.close();
  }

  #add(peer: string, why: string): void {
    let kind = this.#kinds.get(why);
    if (kind === undefined) {
      kind = new ToldTogether(this.#time, TELL_MS, (first, count) => this.#tell(why, first, count));
      this.#kinds.set(why, kind);
    }
    kind.add(() => peer);
  }

  #tell(why: string, peer: string, count: number): void {
    const which = `${this.#whose} ${peer}`;
    const connections = count === 1 ? `the connection ${which}` : `${count} connections, the first ${which},`;
    this.#log({ level: "warn", text: `${this.#where}: cut off ${connections} ${why}` });
  }
}

import type { Socket } from "node:net";
import { authority, type Time } from "@weft/core";

/** Connections that a listener turned away, together. */
export interface TurnedAwayConnections {
  /** > 0 */
  readonly count: number;
  /** `address:port` of the first of them; empty when it is not known. */
  readonly peer: string;
  /** Of the first of them, in plain words. */
  readonly why: string;
}

/** Why a listener turns a connection away. @param most connections that it may have */
export function fullText(most: number, isClosing: boolean): string {
  return isClosing ? "the listener is closing" : `limits.connections is reached: ${most}`;
}

/** Between two tellings. */
const TELL_MS = 10_000;

/**
 * Tells of connections that one listener turned away: of the first at once, and then of what came together in ten
 * seconds. Whoever makes very many must not fill the log.
 */
export class TurnedAway {
  readonly #time: Time;
  readonly #tell: (connections: TurnedAwayConnections) => void;
  #count = 0;
  #peer = "";
  #why = "";
  /** Of the time until the next telling; undefined: nothing has been told for so long. */
  #disarm: (() => void) | undefined = undefined;

  constructor(time: Time, tell: (connections: TurnedAwayConnections) => void) {
    this.#time = time;
    this.#tell = tell;
  }

  add(socket: Socket, why: string): void {
    if (this.#count++ === 0) {
      const { remoteAddress, remotePort = 0 } = socket; // asked of the system, so not for each
      this.#peer = remoteAddress === undefined ? "" : authority(remoteAddress, remotePort);
      this.#why = why;
    }
    if (this.#disarm === undefined) this.#tellNow();
  }

  /** The listener takes no more. */
  close(): void {
    this.#disarm?.();
    if (this.#count > 0) this.#tellNow();
    this.#disarm?.();
  }

  #tellNow(): void {
    const connections = { count: this.#count, peer: this.#peer, why: this.#why };
    this.#count = 0;
    this.#disarm = this.#time.after(TELL_MS, () => {
      this.#disarm = undefined;
      if (this.#count > 0) this.#tellNow();
    });
    this.#tell(connections);
  }
}

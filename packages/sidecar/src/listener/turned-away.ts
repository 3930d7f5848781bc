import type { Socket } from "node:net";
import { authority, type Time } from "@weft/core";
import { ToldTogether } from "../observe/told-together.ts";

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

/** Tells of connections that one listener turned away: the first at once, further ones together. */
export class TurnedAway {
  readonly #together: ToldTogether<Omit<TurnedAwayConnections, "count">>;

  constructor(time: Time, tell: (connections: TurnedAwayConnections) => void) {
    this.#together = new ToldTogether(time, TELL_MS, (first, count) => tell({ count, ...first }));
  }

  add(socket: Socket, why: string): void {
    this.#together.add(() => {
      const { remoteAddress, remotePort = 0 } = socket; // asked of the system, so not for each
      return { peer: remoteAddress === undefined ? "" : authority(remoteAddress, remotePort), why };
    });
  }

  /** The listener takes no more. */
  close(): void {
    this.#together.close();
  }
}

import type { Socket } from "node:net";
import type { ServerLimits } from "./server-limits.ts";

/** A caller's connection, whatever it speaks, as its listener sees it. */
export interface ServedConnection {
  readonly socket: Socket;
  /** The caller's `address:port`. */
  readonly peer: string;
  readonly protocol: "HTTP/1.1" | "HTTP/2";
  /** Requests that are being answered on it, and tunnels. */
  readonly running: number;
  /** The listener will close: those who can be told so are. */
  announce(): void;
  /** Ends it when nothing is going on; otherwise what is under way is the last. */
  drain(): void;
  /** Ends it now because the listener ends: those who can be told why are. */
  cut(why: string): void;
  /** Ends it, or what of it is too slow; called about once a second. */
  sweep(limits: ServerLimits, nowMs: number): void;
}

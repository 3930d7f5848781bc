import type { ServedLoad } from "@weft/core";
import type { ListenerCounters } from "../metrics/listener-counters.ts";

/** The listener that a request came by: its name for the log, and where it is counted. */
export interface ListenerHandle {
  readonly name: string;
  readonly counters: ListenerCounters;
  /** On whose side of a call it stands. */
  readonly side: "outbound" | "inbound";
  /** Whom all of its requests are for, by the name in the mesh; undefined: each names its service. */
  readonly names?: string | undefined;
  /** Whether callers come over TLS. */
  readonly secure: boolean;
  /** Of the service that it stands before, when its answers are to say how loaded that is. */
  load?: ServedLoad | undefined;
  /** How long a tunnel may be without a byte, in ms; Infinity: for ever. */
  tunnelMs: number;
}

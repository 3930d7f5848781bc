import type { AccessLogTarget, Policy } from "@weft/config";
import type { Discovery, MeshEventName, MeshEvents, Random, Time } from "@weft/core";

/** What a sidecar is made of. Everything a user sets stands in the policy; the rest is for tests and for who embeds one. */
export interface SidecarOptions {
  /** Checked for the home `sidecar`. Its `sidecar` part must be there; that it has a listener was then checked. */
  readonly policy: Policy;
  /** Default: the system's clocks and timers. */
  readonly time?: Time;
  /** Default: the system's. */
  readonly random?: Random;
  /**
   * Where the endpoints of services come from whose policy does not say. Closed with the sidecar. Default: Consul.
   */
  readonly registry?: Discovery;
  /** Told every event of core. What it throws harms no call, and is a process warning, `WeftListenerWarning`. */
  readonly onEvent?: (name: MeshEventName, event: MeshEvents[MeshEventName]) => void;
  /** Told what an operator must know. Default: nobody. */
  readonly log?: (line: LogLine) => void;
  /**
   * Whether HTTP/2 may have this thread sleep for some tens of microseconds, so that more frames come together, where
   * that has been seen to pay. From then on for the whole thread: for a process that is a sidecar and nothing else. On
   * Linux, with the system's clock; nothing elsewhere. Default: false.
   */
  readonly coalesce?: boolean;
  /** For the admin API: where the policy came from, and why the newest file was not taken. Absent: the command line. */
  readonly config?: { readonly file: string; readonly refused: () => string | undefined };
  /** Where access log lines go, in the place of `telemetry.accessLog.to`. Default: where the policy says. */
  readonly accessLogTo?: AccessLogTarget | NodeJS.WritableStream;
}

/** One thing an operator must know, in one line of plain words. */
export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly text: string;
}

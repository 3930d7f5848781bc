import type { Policy } from "@weft/config";

/** The process next to one service: its listeners, for as long as it is not closed. */
export interface Sidecar {
  /** Those that accept now, the admin API's with the name `admin` among them. */
  readonly listeners: readonly SidecarListener[];
  /**
   * Resolves when every listener accepts and what `/ready` asks for holds. Does not wait for the app.
   *
   * @throws MeshError CLOSED when the sidecar is closed first
   */
  readonly ready: Promise<void>;
  /** Resolves when somebody has asked it to end: `drain`, `close`, or the admin API. */
  readonly ending: Promise<void>;
  /**
   * Puts another policy in the place of the present one. Measured state and open connections are kept.
   *
   * @param policy checked for the home `sidecar`
   * @throws an error that names the listener when one cannot be opened; then nothing has changed
   */
  reload(policy: Policy): Promise<ReloadReport>;
  /**
   * The first half of `drain`: answers `/ready` with 503, leaves the registry, and waits until callers have noticed.
   * Everything is still served, so that whoever has to end before the sidecar can. Never rejects; a second call returns
   * the first one's promise.
   */
  leave(): Promise<void>;
  /** Opens the file of the access log anew, after it was renamed. @throws what the system says; then lines go where they went */
  reopenLog(): Promise<void>;
  /**
   * Ends in the order that loses no call: leaves, stops accepting, lets what runs finish, closes; first towards the
   * service, then from it. A second call returns the first one's promise.
   *
   * @param options graceMs: how long what runs may take, in ms, >= 0; default `sidecar.drain.grace` of the policy
   */
  drain(options?: { readonly graceMs?: number }): Promise<DrainReport>;
  /** Ends at once: every connection is cut. Resolves when the last handle is gone. */
  close(): Promise<void>;
}

/** An address that takes connections. */
export interface SidecarListener {
  /** `outbound`, `inbound`, `tcp:15432`, `admin`. */
  readonly name: string;
  /** `host:port` with the port that was taken, or `unix:` and a path. */
  readonly address: string;
  readonly protocol: "http" | "tcp";
}

/** What a reload has done. */
export interface ReloadReport {
  /** One line of plain words for each change; empty when the policies do the same. */
  readonly changes: readonly string[];
}

/** How the end went. */
export interface DrainReport {
  /** Calls and tunnels that ran when accepting stopped and came to their end. */
  readonly finished: number;
  /** Those that were cut because the grace was over. */
  readonly cut: number;
  /** From the call of `drain` on, in ms. */
  readonly tookMs: number;
}

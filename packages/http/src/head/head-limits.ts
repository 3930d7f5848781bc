import type { Underscores } from "./field-scan.ts";

/** What a head may be. */
export interface HeadLimits {
  /** Start line, fields and empty line together, in bytes. Default 16 KiB (Node, Envoy's is 60). */
  readonly maxHeadBytes: number;
  /** Lines of fields. Default 100 (Envoy). */
  readonly maxFields: number;
  /** Request fields with an underscore in the name. Default "drop": CGI-like readers take X_User for X-User. */
  readonly underscores: Underscores;
  /**
   * A 204 that announces a body. Default "refuse": two readers may read it differently. "ignore": it has none, as RFC 9112
   * 6.3 says, and nothing follows on its connection.
   */
  readonly bodyOf204?: "refuse" | "ignore";
}

/** The limits that hold when none are set. */
export const DEFAULT_HEAD_LIMITS: HeadLimits = { maxHeadBytes: 16 * 1024, maxFields: 100, underscores: "drop" };

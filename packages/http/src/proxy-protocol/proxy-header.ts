/** One end of a connection as the PROXY protocol names it. */
export interface ProxyAddress {
  /** IP address as text: IPv4 dotted, IPv6 without brackets, as RFC 5952 shortens it. */
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number;
}

/** What the bytes at the start of a connection say. */
export type ProxyHeader =
  | {
      readonly kind: "header";
      readonly version: 1 | 2;
      /** Who connected first; undefined when the header does not say: then it is who connected to us. */
      readonly source: ProxyAddress | undefined;
      /** Where to. */
      readonly destination: ProxyAddress | undefined;
      /** The proxy speaks for itself, as in a health check (version 2, LOCAL). */
      readonly local: boolean;
      /** Offset just behind the header: the caller's own bytes begin here. */
      readonly end: number;
    }
  /** Right so far, and not complete. */
  | { readonly kind: "more" }
  | { readonly kind: "refused"; readonly detail: string };

export const MORE: ProxyHeader = Object.freeze({ kind: "more" });

export function refused(detail: string): ProxyHeader {
  return { kind: "refused", detail };
}

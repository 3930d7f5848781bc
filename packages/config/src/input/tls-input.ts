import type { Secret } from "./units.ts";

/** A private key in PEM: the path of its file, or where else it is read from. The key itself never stands in a policy. */
export type KeyInput = string | Secret;

/**
 * TLS towards the endpoints of a service; an object, even `{}`, turns it on. ALPN offers what `protocol` says. Files are
 * PEM, and in a policy file a path is found from its folder. Not used by the SDK yet.
 */
export interface TlsInput {
  /** The authorities that may have signed the endpoints' certificates. Absent: the public ones that Node knows. */
  readonly ca?: string;
  /** Our own certificate, for endpoints that ask for one, with those between it and the authority. Needs `key`. */
  readonly cert?: string;
  /** The key of `cert`. */
  readonly key?: KeyInput;
  /** The name that each certificate must hold, also sent as SNI. Absent: the endpoint's host. */
  readonly serverName?: string;
  /** False takes any certificate. Default true. */
  readonly verify?: boolean;
}

/** TLS towards the callers of a listener, which may speak HTTP/1.1 or HTTP/2: ALPN tells. */
export interface ListenerTlsInput {
  /** The listener's certificate, with those between it and the authority. */
  readonly cert: string;
  /** The key of `cert`. */
  readonly key: KeyInput;
  /** A caller must show a certificate that one of these authorities has signed. Absent: it need not show any. */
  readonly ca?: string;
  /** The oldest version that is spoken. Default `TLSv1.2`. */
  readonly minVersion?: TlsVersion;
}

/** Versions of TLS. Those before 1.2 are deprecated: RFC 8996. */
export type TlsVersion = "TLSv1.2" | "TLSv1.3";
/** Every word for `minVersion`. */
export const TLS_VERSIONS: readonly TlsVersion[] = ["TLSv1.2", "TLSv1.3"];

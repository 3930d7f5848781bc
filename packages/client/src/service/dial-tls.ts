import { isIP } from "node:net";
import { createSecureContext, type SecureContext } from "node:tls";
import type { DialTls } from "@weft/http/client";

/** TLS towards endpoints, for `https:` URLs. */
export interface TlsOptions {
  /** Name asked for by SNI and looked for in the certificate. Default: the service's name. */
  readonly servername?: string;
  /** Authorities to trust instead of the system's, PEM. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  /** Own certificate and key, PEM, when endpoints ask for one. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** False accepts any certificate: only for tests. Default true. */
  readonly rejectUnauthorized?: boolean;
}

/** Whom to expect at the other end of a connection, and who we are. */
export function dialTls(options: TlsOptions, service: string): DialTls {
  const { servername = service, rejectUnauthorized = true } = options;
  const context = contextOf(options);
  return {
    // A service may be named by an address, which SNI does not take: then the certificate must hold the endpoint's own.
    ...(isIP(servername) === 0 ? { servername } : {}),
    alpn: ["http/1.1"],
    verify: rejectUnauthorized,
    ...(context === undefined ? {} : { context }),
  };
}

/** What is wrong with TLS options, as far as that shows without an endpoint. */
export function tlsMistakes(options: TlsOptions): string[] {
  const mistakes: string[] = [];
  const { servername } = options;
  if (servername !== undefined && isIP(servername) !== 0) {
    mistakes.push(`tls.servername: ${servername} is an address, and SNI takes names only: leave it out`);
  }
  try {
    contextOf(options);
  } catch (error) {
    mistakes.push(`tls: ca, cert and key make no TLS: ${error instanceof Error ? error.message : String(error)}`);
  }
  return mistakes;
}

/** Undefined: the system's authorities, and no certificate of ours. */
function contextOf({ ca, cert, key }: TlsOptions): SecureContext | undefined {
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  // The types want a mutable array; nothing here or in node:tls writes to it.
  return createSecureContext({ ca: ca as string | Buffer | (string | Buffer)[], cert, key });
}

import type { SecureContext } from "node:tls";
import type { ServicePolicy } from "@weft/config";
import type { Endpoint } from "@weft/core";
import type { DialTarget } from "@weft/http";
import { alpnOf, endpointProtocol } from "./endpoint-protocol.ts";

/**
 * Whom to dial for an endpoint, and with which TLS.
 *
 * @param context asked for each connection, so that a renewed certificate counts for the next one
 */
export function dialTarget(
  endpoint: Endpoint,
  { tls, protocol }: Pick<ServicePolicy, "tls" | "protocol">,
  context: () => SecureContext | undefined,
): DialTarget {
  const { host, port } = endpoint;
  if (tls === undefined) return { host, port };
  return {
    host,
    port,
    tls: {
      ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
      context,
      alpn: alpnOf(endpointProtocol(protocol, endpoint)),
      verify: tls.verify,
    },
  };
}

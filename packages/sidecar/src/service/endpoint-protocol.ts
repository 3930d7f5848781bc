import type { AppProtocol, Protocol } from "@weft/config";
import type { Endpoint } from "@weft/core";

/** Words of a registry for what an endpoint speaks. Source: Consul, `protocol` of service-defaults; ours beside them. */
const WORDS: ReadonlyMap<string, AppProtocol> = new Map<string, AppProtocol>([
  ["http", "http1"],
  ["http1", "http1"],
  ["http2", "http2"],
  ["grpc", "grpc"],
]);

/**
 * What is spoken to one endpoint. The policy says; where it says `auto`, the endpoint's metadata does, in `protocol`.
 *
 * @returns `auto` where neither does: what TLS agrees on, or what the call asks for. A word that is none of ours counts
 *   as none, for what a registry holds is anybody's.
 */
export function endpointProtocol(policy: Protocol, { meta }: Pick<Endpoint, "meta">): AppProtocol {
  if (policy === "tcp") return "http1"; // an HTTP listener in front of it: bytes of whatever version
  if (policy !== "auto") return policy;
  return WORDS.get((meta["protocol"] ?? "").toLowerCase()) ?? "auto";
}

/**
 * Protocols to offer in the TLS handshake, best first.
 *
 * @returns one of three lists, always the same objects
 */
export function alpnOf(protocol: AppProtocol): readonly string[] {
  switch (protocol) {
    case "auto":
      return BOTH;
    case "http1":
      return HTTP1;
    case "http2":
    case "grpc":
      return HTTP2;
    default:
      return protocol satisfies never;
  }
}

const BOTH: readonly string[] = ["h2", "http/1.1"];
const HTTP1: readonly string[] = ["http/1.1"];
const HTTP2: readonly string[] = ["h2"];

import type { AppProtocol, Protocol } from "@weft/config";
import type { Endpoint } from "@weft/core";
import type { EndpointProtocol, RequestHead } from "@weft/http";

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
  const word = meta["protocol"];
  return (word === undefined ? undefined : WORDS.get(word.toLowerCase())) ?? "auto";
}

/**
 * What a request to an endpoint goes by. Where nothing says what an endpoint speaks: under TLS what it chooses; in
 * cleartext a call of gRPC that came over HTTP/2 goes on by that, for it cannot go otherwise, and all else by HTTP/1.1.
 *
 * @param secured whether the endpoint is called under TLS
 */
export function spokenTo(
  policy: Protocol,
  secured: boolean,
  endpoint: Pick<Endpoint, "meta">,
  head: Pick<RequestHead, "version" | "grpc">,
): EndpointProtocol {
  const protocol = endpointProtocol(policy, endpoint);
  if (protocol !== "auto") return protocol === "http1" ? "http1" : "http2";
  if (secured) return "alpn";
  return head.version === "2" && head.grpc ? "http2" : "http1";
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

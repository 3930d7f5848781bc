import type { Protocol } from "@weft/config";
import { expect, test } from "vitest";
import { alpnOf, endpointProtocol } from "./endpoint-protocol.ts";

test.each<{ policy: Protocol; meta: string | undefined; spoken: string; why: string }>([
  { policy: "auto", meta: undefined, spoken: "auto", why: "nobody says" },
  { policy: "auto", meta: "grpc", spoken: "grpc", why: "the registry says" },
  { policy: "auto", meta: "http2", spoken: "http2", why: "the registry says" },
  { policy: "auto", meta: "http", spoken: "http1", why: "Consul calls it so" },
  { policy: "auto", meta: "GRPC", spoken: "grpc", why: "case is a matter of taste" },
  { policy: "auto", meta: "thrift", spoken: "auto", why: "it is none of ours" },
  { policy: "auto", meta: "toString", spoken: "auto", why: "it is none of ours" },
  { policy: "http1", meta: "grpc", spoken: "http1", why: "the policy wins" },
  { policy: "http2", meta: "http", spoken: "http2", why: "the policy wins" },
  { policy: "tcp", meta: "grpc", spoken: "http1", why: "an HTTP listener is in front of it" },
])("$policy and metadata $meta: $spoken, since $why", ({ policy, meta, spoken }) => {
  expect(endpointProtocol(policy, { meta: meta === undefined ? {} : { protocol: meta } })).toBe(spoken);
});

test.each([
  { protocol: "auto" as const, offers: ["h2", "http/1.1"] },
  { protocol: "http1" as const, offers: ["http/1.1"] },
  { protocol: "http2" as const, offers: ["h2"] },
  { protocol: "grpc" as const, offers: ["h2"] },
])("TLS offers $offers for $protocol", ({ protocol, offers }) => {
  expect(alpnOf(protocol)).toEqual(offers);
});

import { authority, type Endpoint } from "../../endpoint.ts";

/**
 * What an endpoint is hashed by: `hash_key` of its metadata, else `host:port`.
 *
 * With a key of its own it keeps its keys when it moves to another address. Source: Envoy, `hash_key` of `envoy.lb`.
 */
export function hashKeyOf({ host, port, meta }: Endpoint): string {
  return meta["hash_key"] ?? authority(host, port);
}

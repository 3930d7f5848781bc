import { type Calling, calling, type CallingOptions } from "./calling.ts";
import type { Frame } from "./frames.ts";
import { rawClient, type RawEndpoint, rawEndpoint, type RawPeer } from "./raw-peer.ts";
import { serving } from "./serving.ts";

/** A connection to weft on which nothing has been sent but these bytes. */
export async function fresh(...bytes: readonly Uint8Array[]): Promise<RawPeer> {
  const { address } = await serving();
  const peer = rawClient(address);
  peer.send(...bytes);
  return peer;
}

/** weft as a client, and an endpoint that it calls. */
export async function stage(options: CallingOptions = {}): Promise<Calling & RawEndpoint> {
  const [client, endpoint] = [calling(options), await rawEndpoint()];
  return {
    ...client,
    ...endpoint,
    get connections() {
      return endpoint.connections;
    },
  };
}

/** The request with that path, once its head is here. */
export function requestOf(peer: RawPeer, path: string): Promise<Frame> {
  return peer.frame(({ fields }) => fields?.some(([name, value]) => name === ":path" && value === path) ?? false);
}

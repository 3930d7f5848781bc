import type { Address } from "@weft/config";

/** A server of `grpc.testing.TestService`, on loopback. */
export interface TestServer extends AsyncDisposable {
  readonly address: Address;
}

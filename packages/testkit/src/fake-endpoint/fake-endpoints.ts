import type { Endpoint } from "@weft/core";
import { type FakeEndpoint, fakeEndpoint, type FakeEndpointOptions } from "./fake-endpoint.ts";

/** Several fake endpoints of one service. */
export interface FakeEndpoints extends AsyncDisposable {
  readonly all: readonly FakeEndpoint[];
  /** @throws RangeError when there is none of this index, from 0 */
  at(index: number): FakeEndpoint;
  /** What a registry would say of them. */
  asEndpoints(): Endpoint[];
  /** Requests that all of them have seen. */
  requestCount(): number;
  close(): Promise<void>;
}

/**
 * Starts `count` endpoints with the same options, named `endpoint-1`, `endpoint-2` and so on.
 *
 * @param count at least 0
 * @throws what `fakeEndpoint` throws; those that were started are closed then
 */
export async function fakeEndpoints(
  count: number,
  options: Omit<FakeEndpointOptions, "name" | "port"> = {},
): Promise<FakeEndpoints> {
  const all: FakeEndpoint[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(all.map((each) => each.close()));
  };
  try {
    for (let i = 1; i <= count; i++) all.push(await fakeEndpoint({ ...options, name: `endpoint-${i}` }));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    all,
    at(index) {
      const found = all[index];
      if (found === undefined) throw new RangeError(`there is no endpoint ${index}: ${count} were started`);
      return found;
    },
    asEndpoints: () => all.map((each) => each.asEndpoint()),
    requestCount: () => all.reduce((sum, { requests }) => sum + requests.length, 0),
    close,
    [Symbol.asyncDispose]: close,
  };
}

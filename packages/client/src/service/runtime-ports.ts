import type { Discovery, Events, Random, Time, TimeoutQueues } from "@weft/core";
import type { TlsOptions } from "../dispatch/connection.ts";
import type { MeshOptions, ServicesInput } from "../mesh-options.ts";

/** What all services of a mesh share. */
export interface RuntimePorts {
  readonly time: Time;
  readonly random: Random;
  readonly events: Events;
  readonly epochMs: () => number;
  readonly timeouts: TimeoutQueues;
  readonly tls: TlsOptions;
  /** Breakers of other makes, by service. */
  readonly breakers: NonNullable<MeshOptions<Discovery, ServicesInput>["breakers"]>;
  /** How long a call waits for the registry's first answer, in ms. */
  readonly readyMs: number;
  readonly nextCall: () => number;
}

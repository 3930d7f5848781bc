import type { Discovery, MeshEventName, MeshEvents, Random, Telemetry, Time } from "@weft/core";
import type { DiscoveryInput, Duration, ServiceDefaultsInput, ServicePolicyInput } from "@weft/config";
import type { BreakerPorts, OtherBreaker, StaticRegistry } from "@weft/runtime";
import type { TlsOptions } from "./service/dial-tls.ts";

export type ServicesInput = Readonly<Record<string, ServicePolicyInput>>;

export interface MeshOptions<Registry extends Discovery | StaticRegistry, Services extends ServicesInput> {
  /**
   * Where endpoints come from, unless a service says so itself with `discover`: a Discovery such as
   * `consulDiscovery(...)`, which the mesh then closes, or the endpoints themselves. Default: Consul by `discovery`.
   */
  readonly registry?: Registry;
  /** As in a policy file. Consul is asked here for services whose `discover` says `consul`, or says nothing. */
  readonly discovery?: DiscoveryInput;
  /** Inherited by every service, field by field. */
  readonly defaults?: ServiceDefaultsInput;
  /** The services, and how calls to them are made. `{}` takes the defaults. */
  readonly services?: Services;
  /**
   * Circuit breakers of other makes by service, such as one of opossum: see @weft/opossum. They take the place of the
   * policy's own, and are closed with the mesh.
   */
  readonly breakers?: Readonly<Record<string, (ports: BreakerPorts) => OtherBreaker>>;
  /** TLS towards endpoints, for calls to `https://<service>/`. */
  readonly tls?: TlsOptions;
  /** `orders` + this is also a name of `orders`, and one that no outside host can have. Default `.mesh`. */
  readonly suffix?: string;
  /** How long a call, and `ready()` without a signal, wait for the registry's first answer. Default `5s`. */
  readonly readyTimeout?: Duration;
  /** Directory for Consul's last good answers, for a start while Consul is away. Absent: none is kept. */
  readonly snapshotDir?: string;
  /**
   * Traces calls and counts what happens: made by `startTelemetry` or `openTelemetry` of @weft/telemetry, and closed by
   * whoever made it. Absent: no trace is carried on, and it costs nothing.
   */
  readonly telemetry?: Telemetry;
  /** Told every event, beside `mesh.on`. */
  readonly onEvent?: (name: MeshEventName, event: MeshEvents[MeshEventName]) => void;
  /** For tests: `fakeTime()` of @weft/testkit. */
  readonly time?: Time;
  /** For tests: `seededRandom(7)` of @weft/testkit. */
  readonly random?: Random;
}

/**
 * The names a mesh knows: what the type of an unknown name is checked against. Any name, when none is listed: then the
 * registry alone knows them.
 */
export type NamesOf<Registry, Services> = [Listed<Registry, Services>] extends [never]
  ? string
  : Listed<Registry, Services>;

type Listed<Registry, Services> =
  | (Registry extends Discovery ? never : Extract<keyof Registry, string>)
  | Extract<keyof Services, string>;

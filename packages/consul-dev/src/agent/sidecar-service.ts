import { Fields } from "../http/decode.ts";
import { ApiError } from "../http/reply.ts";
import type { ServiceSpec } from "../store/rows.ts";

const [FIRST_PORT, LAST_PORT] = [21_000, 21_255] as const; // Consul's sidecar_min_port and sidecar_max_port

/** @returns the id an agent gives to the sidecar of a service */
export function sidecarId(serviceId: string): string {
  return `${serviceId}-sidecar-proxy`;
}

/**
 * Writes out what `Connect.SidecarService` leaves unsaid.
 *
 * @param given   the part of the registration; its fields win
 * @param port    for the sidecar, asked for when `given` has none
 * @param modern  whether weights are inherited, which 1.8 does not do
 * @returns a registration of its own
 * @throws ApiError 400 for an id, which is the agent's to give, and for a sidecar of a sidecar
 */
export function sidecarRegistration(given: Fields, owner: ServiceSpec, port: () => number, modern: boolean): Fields {
  if (given.string("ID") !== "") throw refused("cannot specify an ID as this is managed by the agent");
  if (given.object("Connect")?.raw("SidecarService")) throw refused("cannot have a nested SidecarService");
  const taken = given.int("Port") || port();
  const address = given.string("Address") || owner.Address;
  const weights = given.raw("Weights") ?? (modern ? owner.Weights : undefined);
  const checks = [given.raw("Check"), given.raw("Checks")] as const;
  const proxy = given.raw("Proxy");
  return new Fields({
    Kind: "connect-proxy",
    Name: given.string("Name") || `${owner.Service}-sidecar-proxy`,
    ID: sidecarId(owner.ID),
    Port: taken,
    Address: address,
    Tags: given.strings("Tags") ?? owner.Tags,
    Meta: given.map("Meta") ?? owner.Meta,
    Weights: weights,
    Proxy: {
      DestinationServiceName: owner.Service,
      DestinationServiceID: owner.ID,
      LocalServiceAddress: "127.0.0.1",
      ...(owner.Port > 0 ? { LocalServicePort: owner.Port } : {}),
      ...(typeof proxy === "object" ? proxy : {}),
    },
    ...(checks.some((each) => each !== undefined && each !== null)
      ? { Check: checks[0], Checks: checks[1] }
      : { Checks: ownChecks(`${address || "127.0.0.1"}:${taken}`, owner.ID) }),
    ...Object.fromEntries(given.entries()), // whatever else is there, right or wrong
  });
}

/** The lowest port for a sidecar that no service has. @throws ApiError 400 when there is none */
export function freeSidecarPort(services: Iterable<ServiceSpec>): number {
  const taken = new Set<number>();
  for (const { Port } of services) taken.add(Port);
  for (let port: number = FIRST_PORT; port <= LAST_PORT; port++) if (!taken.has(port)) return port;
  throw new ApiError(400, "none left in the configured sidecar_min_port to sidecar_max_port");
}

function ownChecks(at: string, ownerId: string): readonly object[] {
  return [
    { Name: "Connect Sidecar Listening", TCP: at, Interval: "10s" },
    { Name: `Connect Sidecar Aliasing ${ownerId}`, AliasService: ownerId },
  ];
}

function refused(why: string): ApiError {
  return new ApiError(400, `1 error occurred:\n\t* A SidecarService ${why}\n\n`);
}

import { isIP } from "node:net";
import type { Fields } from "../http/decode.ts";
import { ApiError } from "../http/reply.ts";
import type { ServiceSpec } from "../store/rows.ts";
import { type CheckDefinition, readCheck } from "./check-definition.ts";
import { sidecarRegistration } from "./sidecar-service.ts";

/** What an agent is asked to register. */
export interface ServiceRegistration {
  readonly service: ServiceSpec;
  readonly checks: readonly CheckDefinition[];
  /** To be registered with it. */
  readonly sidecar?: ServiceRegistration;
}

/**
 * Reads the body of a service registration.
 *
 * @param port for a sidecar of the service with this id
 * @throws ApiError 400 in Consul's words; `modern` as of `readCheck`
 */
export function readRegistration(
  fields: Fields,
  modern: boolean,
  port: (serviceId: string) => number,
): ServiceRegistration {
  const connect = fields.object("Connect");
  const sidecar = connect?.object("SidecarService");
  if (connect !== undefined) fields.set("Connect", Object.fromEntries(connect.entries()));
  const single = fields.object("Check");
  // To Consul a single check of which nothing is said is none.
  const bodies = [...(single === undefined || single.isZero() ? [] : [single]), ...fields.objects("Checks")];
  const service = readService(fields, "Name");
  if (service.Service === "") throw new ApiError(400, "Missing service name");
  const checks = bodies.map((body, at): CheckDefinition => {
    const check = readCheck(body, modern, "Status for checks must 'passing', 'warning', 'critical'");
    const number = bodies.length === 1 ? "" : `:${at + 1}`;
    return {
      ...check,
      id: check.id || `service:${service.ID}${number}`,
      name: check.name || `Service '${service.Service}' check`,
      serviceId: service.ID,
    };
  });
  if (["0.0.0.0", "::", "[::]"].includes(service.Address)) throw new ApiError(400, "Invalid service address");
  if (sidecar === undefined) return { service, checks };
  const written = sidecarRegistration(sidecar, service, () => port(service.ID), modern);
  return { service, checks, sidecar: readRegistration(written, modern, port) };
}

/** Reads a service, whose name stands in `nameField`: Name at the agent, Service in the catalog. */
export function readService(fields: Fields, nameField: "Name" | "Service"): ServiceSpec {
  const name = fields.string(nameField);
  const kind = fields.string("Kind");
  const address = fields.string("Address");
  const port = fields.int("Port") ?? 0;
  const meta = fields.map("Meta") ?? null;
  for (const [key, value] of Object.entries(meta ?? {})) checkMeta(key, value);
  const spec: ServiceSpec = {
    ...(kind === "" ? {} : { Kind: kind }),
    ID: fields.string("ID") || name,
    Service: name,
    Tags: fields.strings("Tags") ?? [],
    Address: address,
    ...tagged(fields, address, port),
    Meta: meta === null || Object.keys(meta).length === 0 ? null : meta,
    Port: port,
    Weights: readWeights(fields.object("Weights")),
    EnableTagOverride: fields.bool("EnableTagOverride"),
    Proxy: asObject(fields.raw("Proxy"), { MeshGateway: {}, Expose: {} }),
    Connect: asObject(fields.raw("Connect"), {}),
  };
  for (const ignored of ["Namespace", "Partition", "Locality", "Token", "SocketPath"]) fields.raw(ignored);
  fields.done();
  return spec;
}

function tagged(fields: Fields, address: string, port: number): Pick<ServiceSpec, "TaggedAddresses"> {
  const family = isIP(address);
  const own =
    family === 0
      ? {}
      : {
          [`lan_ipv${family}`]: { Address: address, Port: port },
          [`wan_ipv${family}`]: { Address: address, Port: port },
        };
  const given: Record<string, { Address: string; Port: number }> = {};
  const body = fields.object("TaggedAddresses");
  for (const [name] of body?.entries() ?? []) {
    const one = body?.object(name);
    if (one !== undefined) given[name] = { Address: one.string("Address"), Port: one.int("Port") ?? 0 };
  }
  const all = { ...own, ...given };
  return Object.keys(all).length === 0 ? {} : { TaggedAddresses: all };
}

function readWeights(fields: Fields | undefined): ServiceSpec["Weights"] {
  if (fields === undefined) return { Passing: 1, Warning: 1 };
  const weights = { Passing: fields.int("Passing") ?? 0, Warning: fields.int("Warning") ?? 0 };
  fields.done();
  if (weights.Passing < 1) throw new ApiError(400, "Invalid Weights: Passing must be greater than 0");
  if (weights.Warning < 0) throw new ApiError(400, "Invalid Weights: Warning must be greater or equal than 0");
  if (weights.Passing > 65_535 || weights.Warning > 65_535)
    throw new ApiError(400, "Invalid Weights: must be less or equal than 65535");
  return weights;
}

function checkMeta(key: string, value: string): void {
  const fault =
    key.length > 128
      ? "Key is too long (limit: 128 characters)"
      : !/^[a-zA-Z0-9_-]+$/.test(key)
        ? "Key contains invalid characters"
        : value.length > 512
          ? "Value is too long (limit: 512 characters)"
          : undefined;
  if (fault !== undefined)
    throw new ApiError(400, `Invalid Service Meta: Couldn't load metadata pair ('${key}', '${value}'): ${fault}`);
}

function asObject(value: unknown, otherwise: Record<string, unknown>): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...otherwise, ...value } : otherwise;
}

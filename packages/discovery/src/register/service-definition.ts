import { hostname } from "node:os";
import { MeshError } from "@weft/core";

/** How Consul learns whether the service is well. */
export type ServiceCheck =
  /** We tell it, every third of `ttlMs`; when we stop, the service turns critical. At least 3,000. */
  | { readonly ttlMs: number }
  /**
   * The agent asks this URL: 2xx passes, 429 warns, anything else is critical. Of an https URL it takes any certificate
   * with `verify: false`; by default one that its machine trusts.
   */
  | { readonly http: string; readonly verify?: boolean; readonly intervalMs?: number; readonly timeoutMs?: number }
  /** The agent connects to this `host:port`. */
  | { readonly tcp: string; readonly intervalMs?: number; readonly timeoutMs?: number };

/** What to say of one's own service. */
export interface ServiceDescription {
  readonly name: string;
  /** Unique on the agent. Default `<name>-<address or host name>-<port>`. */
  readonly id?: string;
  /** Where others reach it. Default: the agent's own address. */
  readonly address?: string;
  /** 1 to 65535. */
  readonly port: number;
  readonly tags?: readonly string[];
  /** At most 64 entries; keys of letters, digits, `-` and `_`, at most 128; values at most 512 (Consul). */
  readonly meta?: Readonly<Record<string, string>>;
  /** Shares of traffic while passing and while warning. Default 1 and 1 (Consul). */
  readonly weights?: { readonly passing: number; readonly warning: number };
  /** Default `{ ttlMs: 15_000 }`. Intervals default to 5,000, timeouts to 2,000. */
  readonly check?: ServiceCheck;
  /** Consul forgets the service after it was critical for this long, in ms, at least 60,000 (Consul). Default 600,000. */
  readonly deregisterAfterMs?: number;
}

export const DEFAULT_CHECK: ServiceCheck = { ttlMs: 15_000 };
const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 2_000;
const DEREGISTER_AFTER_MS = 600_000;

export function serviceId({ id, name, address, port }: ServiceDescription): string {
  return id ?? `${name}-${address ?? hostname()}-${port}`;
}

/** The id that Consul gives the only check of a service. */
export function checkId(id: string): string {
  return `service:${id}`;
}

/**
 * The body of `PUT /v1/agent/service/register`.
 *
 * A TTL check starts as passing, since who registers is ready; one that Consul makes starts critical until it passed.
 */
export function serviceDefinition(description: ServiceDescription): Record<string, unknown> {
  const { name, address, port, tags = [], meta = {}, weights, check = DEFAULT_CHECK } = description;
  const { deregisterAfterMs = DEREGISTER_AFTER_MS } = description;
  return {
    Name: name,
    ID: serviceId(description),
    ...(address === undefined ? {} : { Address: address }),
    Port: port,
    Tags: tags,
    Meta: meta,
    ...(weights === undefined ? {} : { Weights: { Passing: weights.passing, Warning: weights.warning } }),
    Check: { ...checkDefinition(check), DeregisterCriticalServiceAfter: `${deregisterAfterMs}ms` },
  };
}

function checkDefinition(check: ServiceCheck): Record<string, unknown> {
  if ("ttlMs" in check) return { TTL: `${check.ttlMs}ms`, Status: "passing" };
  const { intervalMs = INTERVAL_MS, timeoutMs = TIMEOUT_MS } = check;
  const times = { Interval: `${intervalMs}ms`, Timeout: `${timeoutMs}ms` };
  if ("tcp" in check) return { TCP: check.tcp, ...times };
  return { HTTP: check.http, ...(check.verify === false ? { TLSSkipVerify: true } : {}), ...times };
}

/** @throws MeshError BAD_CONFIG that lists everything Consul would refuse, or silently misread */
export function checkDescription(description: ServiceDescription): void {
  const {
    name,
    port,
    meta = {},
    weights,
    check = DEFAULT_CHECK,
    deregisterAfterMs = DEREGISTER_AFTER_MS,
  } = description;
  const mistakes: string[] = [];
  const expect = (holds: boolean, mistake: string): void => {
    if (!holds) mistakes.push(mistake);
  };
  expect(name !== "", "name: it is empty");
  expect(Number.isInteger(port) && port >= 1 && port <= 65_535, `port: ${port} is not in 1..65535`);
  expect(description.id !== "", "id: it is empty");
  expect(deregisterAfterMs >= 60_000, `deregisterAfterMs: ${deregisterAfterMs} is below 60000`);
  expect(Object.keys(meta).length <= 64, `meta: ${Object.keys(meta).length} entries are more than 64`);
  for (const [key, value] of Object.entries(meta)) {
    expect(
      /^[A-Za-z0-9_-]{1,128}$/.test(key),
      `meta.${key}: only letters, digits, "-" and "_" are allowed, at most 128`,
    );
    expect(value.length <= 512, `meta.${key}: ${value.length} characters are more than 512`);
  }
  if (weights !== undefined) {
    expect(inRange(weights.passing, 1), `weights.passing: ${weights.passing} is not in 1..65535`);
    expect(inRange(weights.warning, 0), `weights.warning: ${weights.warning} is not in 0..65535`);
  }
  if ("ttlMs" in check) expect(check.ttlMs >= 3_000, `check.ttlMs: ${check.ttlMs} is below 3000`);
  else expect((check.intervalMs ?? INTERVAL_MS) >= 1_000, `check.intervalMs: ${check.intervalMs} is below 1000`);
  if (mistakes.length > 0) {
    throw new MeshError("BAD_CONFIG", `registration: ${mistakes.join("; ")}`, { service: name });
  }
}

function inRange(value: number, least: number): boolean {
  return Number.isInteger(value) && value >= least && value <= 65_535;
}

import type { MeshEventName, MeshEvents } from "@weft/core";

type Words = { readonly [Name in MeshEventName]?: (event: MeshEvents[Name]) => string };

/** What is worth a line while one watches. Retries are counted, not told one by one. */
const HEADLINES: Words = {
  "membership.changed": ({ added, removed, changed, total }) =>
    `Consul says: ${[...said("joined", added), ...said("left", removed), ...said("changed", changed)].join("; ")}; ${total} in all`,
  "membership.panic": ({ on, total }) =>
    on ? `Consul says that none of ${total} is well: not believed, all are used` : "Consul's checks count again",
  "discovery.freshness": ({ to, error }) =>
    to === "stale" ? `Consul is away, its last answer is kept: ${error}` : `what Consul says is ${to}`,
  "discovery.held": ({ reason }) => `an answer of Consul's was not believed: ${reason}`,
  "endpoint.ejected": ({ endpoint, why, forMs }) => `ejected ${nameOf(endpoint)} for ${seconds(forMs)}: ${why}`,
  "endpoint.kept": ({ endpoint, why }) => `kept ${nameOf(endpoint)} all the same: ${why}`,
  "endpoint.probing": ({ endpoint }) => `${nameOf(endpoint)} has served its time: the next call is its trial`,
  "endpoint.returned": ({ endpoint }) => `${nameOf(endpoint)} passed its trial and is back`,
  "breaker.changed": ({ service, to, why }) => `the circuit to ${service} is ${to}: ${why}`,
  "limit.reached": ({ limit, value }) => `${limit} of ${value} is reached`,
};

/** An event in words, or undefined when it is not worth a line. */
export function headline(name: MeshEventName, event: MeshEvents[MeshEventName]): string | undefined {
  // The event belongs to the name: core emits them as pairs.
  const words = HEADLINES[name] as ((event: MeshEvents[MeshEventName]) => string) | undefined;
  return words?.(event);
}

/** Consul's id of an instance ends with the id it registered with. */
export function nameOf(endpoint: string): string {
  return endpoint.slice(endpoint.lastIndexOf("/") + 1);
}

function said(what: string, endpoints: readonly string[]): string[] {
  return endpoints.length === 0 ? [] : [`${endpoints.map(nameOf).join(", ")} ${what}`];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

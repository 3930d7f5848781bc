import { isIP } from "node:net";
import { authority, endpoint } from "@weft/core";
import type { Endpoint } from "@weft/core";

/** One address, and for how many seconds it may be used. */
export interface AddressRecord {
  readonly address: string;
  readonly ttl: number;
}

export interface ServiceRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** The share of a record with weight 0 beside others, relative to the smallest of them: RFC 2782 wants it "very small". */
const ZERO_SHARE = 0.01;

/** Endpoints of addresses that all listen on one port. */
export function fromAddresses(records: readonly AddressRecord[], port: number): Endpoint[] {
  return [...new Set(records.map(({ address }) => address))].map((host) => endpoint({ host, port }));
}

/**
 * Endpoints of SRV records: those of the lowest priority number only, with their weights as shares.
 *
 * A target with several addresses spreads its weight over them. A target without any, with port 0, or `.` (which
 * says that the service is not offered here) gives none.
 *
 * @param addresses by target
 * Source: RFC 2782.
 */
export function fromServices(
  records: readonly ServiceRecord[],
  addresses: ReadonlyMap<string, readonly AddressRecord[]>,
): Endpoint[] {
  const usable = preferred(records).filter(({ port, name }) => port > 0 && name !== "" && name !== ".");
  const smallest = Math.min(...usable.map(({ weight }) => weight).filter((weight) => weight > 0));
  const zero = smallest === Number.POSITIVE_INFINITY ? 1 : smallest * ZERO_SHARE;
  const found = new Map<string, Endpoint>();
  for (const { name, port, weight } of usable) {
    const own = addresses.get(name) ?? [];
    for (const { address } of own) {
      const id = authority(address, port);
      const share = (weight > 0 ? weight : zero) / own.length;
      // Two targets at one address are one place with both shares.
      const known = found.get(id)?.weight ?? 0;
      found.set(id, endpoint({ host: address, port, weight: known + share, meta: { target: name } }));
    }
  }
  return [...found.values()];
}

/** The records of the lowest priority number: the others are for when all of these fail. */
export function preferred(records: readonly ServiceRecord[]): ServiceRecord[] {
  const lowest = Math.min(...records.map(({ priority }) => priority));
  return records.filter(({ priority }) => priority === lowest);
}

/** A target may be an address already, although the RFC wants a name. */
export function isAddress(name: string): boolean {
  return isIP(name) !== 0;
}

import type { Endpoint } from "../endpoint.ts";
import { Word64 } from "../hash/word64.ts";
import { zoneOf } from "../policy/zone-aware/zone-preference.ts";
import { apertureShares, apertureWidth } from "./aperture.ts";
import { ranked } from "./ranked.ts";

/** Where a client stands among its like, and how much it is to use. */
export interface ApertureSubsetOptions {
  /** Clients in all, >= 1. */
  readonly clients: number;
  /** This one's number among them, from 0 on. Every client counts them in the same order. */
  readonly self: number;
  /** Endpoints that each client uses, at least, >= 1. Default 12 (Finagle). */
  readonly least?: number;
  /** Whether each zone is a ring of its own, since calls are to stay in theirs. */
  readonly byZone: boolean;
}

/** The same for every client: all have to lay out the same ring. */
const SEED = new Word64(0, 0);
/** What rounding leaves of an arc that ends where an endpoint begins. */
const NOTHING = 1e-9;

/**
 * The endpoints that one client of many uses, when it knows the others: its arc of the ring, by `apertureShares`. All
 * clients together load all endpoints alike, which a random subset does not; and one client alone uses all of them.
 *
 * The ring is laid out in an order of chance, so that neighbours on it are none in the data centre. On it are those
 * that pass the registry's checks; one that fails stays known while those around it are used. An endpoint at the edge
 * has its `part` of the picks. When an endpoint comes or goes, one at each end of an arc changes, and at times the arcs
 * grow or shrink by the place of a client; when a client does, as many as its place moves by.
 *
 * With a ring for each zone the weights of a zone are raised by what is left out of it, so that the zones keep theirs:
 * how calls divide among zones goes by these.
 *
 * @returns in the order given
 * Source: Finagle DeterministicAperture; reference 2.16. Cost: O(endpoints log endpoints) for each membership.
 */
export function apertureSubset(endpoints: readonly Endpoint[], options: ApertureSubsetOptions): readonly Endpoint[] {
  const rings = Map.groupBy(endpoints, (one) => (options.byZone ? (zoneOf(one) ?? "") : ""));
  const used = new Map<Endpoint, Endpoint>();
  for (const ring of rings.values()) for (const [one, changed] of arcOf(ring, options)) used.set(one, changed);
  return endpoints.flatMap((one) => used.get(one) ?? []);
}

/** Those of one ring that are used, each with what it is to this client. */
function arcOf(ring: readonly Endpoint[], options: ApertureSubsetOptions): readonly (readonly [Endpoint, Endpoint])[] {
  const order = ranked(ring, SEED).map((index) => ring[index]!);
  const passing = order.filter(({ state }) => state === "passing");
  const laid = passing.length > 0 ? passing : order;
  const arc = { ...options, endpoints: laid.length };
  const width = apertureWidth(arc);
  const shares = apertureShares(arc);
  const found: (readonly [Endpoint, Endpoint])[] = [];
  // Who is not on the ring lies behind the one before it; the first ones, behind the last.
  let at = -1;
  for (const one of order) {
    const isLaid = one === laid[at + 1];
    if (isLaid) at++;
    const part = shares.at(at)! * width * laid.length; // of the endpoint's own piece of the ring
    if (part < NOTHING) continue;
    const weight = options.byZone ? one.weight / width : one.weight;
    const edge = isLaid && part < 1 - NOTHING;
    found.push([one, edge || weight !== one.weight ? { ...one, weight, ...(edge && { part }) } : one]);
  }
  return found;
}

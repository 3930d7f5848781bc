/** Where a client stands among its like. */
export interface ApertureOptions {
  /** Clients in all, >= 1. */
  readonly clients: number;
  /** This one's number among them, from 0 on. */
  readonly self: number;
  /** Endpoints in all, >= 1. */
  readonly endpoints: number;
  /** Endpoints that each client uses, at least. Default 12 (Finagle). */
  readonly least?: number;
}

const LEAST = 12;

/**
 * How much of a client's calls each endpoint gets, when every client knows the others: deterministic aperture.
 *
 * Clients and endpoints lie evenly on one ring. A client uses the arc from its own place on, as wide as is needed for
 * `least` endpoints, in whole places of clients: so every point of the ring is in as many arcs as any other, and all
 * clients together load all endpoints alike. An endpoint that an arc only cuts gets less of it.
 *
 *   width = min(1, ceil(min(endpoints, least) / endpoints * clients) / clients)
 *
 * @returns a share for each endpoint, 0 for those not used; the sum is 1
 * Source: Finagle DeterministicAperture; reference 2.16.
 */
export function apertureShares(options: ApertureOptions): readonly number[] {
  const { clients, self, endpoints } = options;
  const width = apertureWidth(options);
  const start = self / clients;
  return Array.from({ length: endpoints }, (_, i) => {
    const [from, to] = [i / endpoints, (i + 1) / endpoints];
    // The arc may run over the end of the ring: then it covers the beginning, too.
    return (overlap(from, to, start, start + width) + overlap(from + 1, to + 1, start, start + width)) / width;
  });
}

/** The part of the ring that each client uses, in (0, 1]. */
export function apertureWidth({ clients, endpoints, least = LEAST }: ApertureOptions): number {
  const places = Math.ceil((Math.min(endpoints, least) / endpoints) * clients);
  return Math.min(1, places / clients);
}

function overlap(from: number, to: number, start: number, end: number): number {
  return Math.max(0, Math.min(to, end) - Math.max(from, start));
}

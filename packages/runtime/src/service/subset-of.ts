import type { ServicePolicy } from "@weft/config";
import {
  apertureSubset,
  type Endpoint,
  labelSubset,
  type Random,
  randomSubset,
  TextBytes,
  Word64,
  xxh64,
} from "@weft/core";
import type { Peers } from "../registry/peers.ts";

/** Those of a service's endpoints that this process uses. */
interface Used {
  readonly endpoints: readonly Endpoint[];
  /** Which these are and why, in words; undefined: all. */
  readonly why: string | undefined;
}

/** Tells of the endpoints that the registry knows those that this process uses. */
export type Subset = (known: readonly Endpoint[], peers: Peers | undefined) => Used;

/** Up to so many endpoints are all used where nobody asks for fewer, and of more so many at least. Source: reference 2.16. */
const FEW = 50;
/** And all again of no more than these: a service that is deployed goes over the line and back with each endpoint. */
const FEW_AGAIN = 40;
const LEAST = 20;

/**
 * The subset that a policy asks for. Applied to what the registry says, before anybody else sees it: an endpoint that
 * is not used is not checked, and has no connection.
 *
 * By aperture where the place of this process among its peers is known: then all peers together use all endpoints
 * alike. Elsewhere by chance, and only when a size is asked for: of few callers, each with some by chance, most
 * endpoints would get nothing.
 *
 * @param seed makes this process use others than the next, unless it has an id
 */
export function subsetOf(policy: ServicePolicy, seed: () => Word64): Subset {
  const { subset, zones } = policy;
  if (subset === undefined) return (known) => ({ endpoints: known, why: undefined });
  let wide = true;
  return (known, peers) => {
    const labelled = labelSubset(known, subset);
    const told = (endpoints: readonly Endpoint[], by: string): Used => ({ endpoints, why: why(endpoints, known, by) });
    const everyone = told(labelled, "its labels");
    wide = labelled.length <= (wide ? FEW : FEW_AGAIN);
    if (subset.size === "auto" && (wide || meets(policy))) return everyone;
    const size = subset.size === "auto" ? LEAST : subset.size;
    if (labelled.length <= size) return everyone;
    const { view, id } = peers ?? {};
    const byZone = zones !== undefined && view?.placeInZone !== undefined;
    const place = byZone ? view.placeInZone : view?.place;
    if (place !== undefined) {
      const among = `${place.self + 1} of ${place.clients} peers${byZone ? ` in zone ${view?.zone}` : ""}`;
      return told(apertureSubset(labelled, { ...place, least: size, byZone }), `aperture, this being ${among}`);
    }
    if (subset.size === "auto") return everyone;
    const by = "chance, as the place of this process among its peers is not known";
    return told(randomSubset(labelled, size, id === undefined ? seed() : seedOf(id)), by);
  };
}

function why(used: readonly Endpoint[], known: readonly Endpoint[], by: string): string | undefined {
  return used.length === known.length ? undefined : `${used.length} of ${known.length} endpoints, by ${by}`;
}

/** Whether all callers are to go to the same endpoints: by keys, by sessions, or in the order of the list. */
function meets({ hashing, sticky, balancer }: ServicePolicy): boolean {
  return hashing.on.length > 0 || sticky !== undefined || balancer === "first";
}

/** A seed that is drawn when it is first asked for, and then stays: what else is drawn does not depend on subsets. */
export function seedOnce(random: Random): () => Word64 {
  let seed: Word64 | undefined;
  return () => (seed ??= new Word64(random.below(2 ** 32), random.below(2 ** 32)));
}

function seedOf(id: string): Word64 {
  const text = new TextBytes();
  const seed = new Word64(0, 0);
  text.utf8(id);
  xxh64(text.bytes, text.length, seed);
  return seed;
}

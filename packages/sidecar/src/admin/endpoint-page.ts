import { authority, type NodeSnapshot } from "@weft/core";
import { isSet, optional, wholeNumber } from "./admin-query.ts";

/** Which of a service's endpoints are asked for: all, where nothing is said. */
export interface EndpointPage {
  /** How many to step over. */
  readonly offset: number;
  /** At most so many; Infinity: all. */
  readonly limit: number;
  /** Only those that take no traffic. */
  readonly out: boolean;
  /** Only those whose id or address contains this, whatever the case; empty: all. */
  readonly like: string;
  /** With how long their answers took: too much for people to read. */
  readonly counted: boolean;
}

export const ALL_ENDPOINTS: EndpointPage = {
  offset: 0,
  limit: Number.POSITIVE_INFINITY,
  out: false,
  like: "",
  counted: false,
};

const MOST = 1_000;

/** `?offset=0&limit=50&out&like=10.0&counted`. @throws Problem 400 for what is not of that form */
export function endpointPage(query: URLSearchParams): EndpointPage {
  return {
    offset: wholeNumber(query, "offset", 0, Number.MAX_SAFE_INTEGER) ?? ALL_ENDPOINTS.offset,
    limit: wholeNumber(query, "limit", 0, MOST) ?? ALL_ENDPOINTS.limit,
    out: isSet(query, "out"),
    like: (optional(query, "like") ?? "").toLowerCase(),
    counted: isSet(query, "counted"),
  };
}

/** Those that match, in the order of the registry, and the page of them. */
export function pageOf(
  nodes: readonly NodeSnapshot[],
  { offset, limit, out, like }: EndpointPage,
): { readonly matching: number; readonly page: readonly NodeSnapshot[] } {
  const matching = out || like !== "" ? nodes.filter((node) => (!out || !node.available) && isLike(node, like)) : nodes;
  return { matching: matching.length, page: matching.slice(offset, offset + limit) };
}

function isLike({ endpoint }: NodeSnapshot, like: string): boolean {
  return (
    endpoint.id.toLowerCase().includes(like) || authority(endpoint.host, endpoint.port).toLowerCase().includes(like)
  );
}

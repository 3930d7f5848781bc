import type { Duration } from "./units.ts";

export const BALANCER_KINDS = [
  "peak-ewma",
  "round-robin",
  "weighted-round-robin",
  "reported-load",
  "prequal",
  "least-request",
  "random",
  "first",
  "ring-hash",
  "maglev",
  "ketama",
  "source-ip",
] as const;
/** How an endpoint is picked. */
export type BalancerKind = (typeof BALANCER_KINDS)[number];

/** How the endpoint of an attempt is picked. */
export interface BalancerInput {
  /** Default `peak-ewma`. */
  readonly kind?: BalancerKind;
  /** What calls are hashed by. With `ring-hash`, `maglev` or `ketama`, and needed there. */
  readonly hashOn?: readonly HashOnInput[];
  /** The ring of `ring-hash`. */
  readonly ring?: RingInput;
  /** Slots of the table of `maglev`, a prime up to 5,000,011. Default 65,537. */
  readonly slots?: number;
  /**
   * How much over its share an endpoint may have under way before its keys go elsewhere, 1..100: 1.25 is a quarter. With
   * a balancer that hashes. Default: however much.
   */
  readonly maxLoad?: number;
  /**
   * Weights count times what endpoints report of their load (ORCA): at twice the utilization for the same work, half of
   * the share. With a balancer that goes by weights, or bounds loads. Default false.
   */
  readonly reportsWeigh?: boolean;
}

/**
 * Something of a call that is hashed. What several of them yield is combined; one that is absent yields nothing. After
 * a `terminal` one that yielded something, the others are not looked at. `path` is without the query. Neither
 * `source-address` nor a cookie that is set by us has a meaning in the SDK.
 */
export type HashOnInput =
  | { readonly header: string; readonly terminal?: boolean }
  | { readonly cookie: string | HashCookieInput; readonly terminal?: boolean }
  | { readonly query: string; readonly terminal?: boolean }
  | (typeof HASH_ON_WORDS)[number];

export const HASH_ON_WORDS = ["path", "source-address"] as const;

/** A cookie that is hashed. */
export interface HashCookieInput {
  readonly name: string;
  /** Callers without the cookie are given one for so long; `0s`: until they close. Absent: they are not. */
  readonly ttl?: Duration;
  /** The path that it is given for. Default `/`. */
  readonly path?: string;
}

/** Hashes of the points of a ring, as Envoy has them. */
export const RING_HASHES = ["xxh64", "murmur2"] as const;
export type RingHash = (typeof RING_HASHES)[number];

/** A ring of Envoy's. */
export interface RingInput {
  /** Points, at least, 1..8,388,608. Default 1,024. */
  readonly min?: number;
  /** Points, at most, 1..8,388,608. Default 65,536: building Envoy's 8,388,608 takes seconds. */
  readonly max?: number;
  /** Of the points. Default `xxh64`. */
  readonly hash?: RingHash;
}

/** Which endpoints of a service are used: by labels, and of these some. */
export interface SubsetInput {
  /** Names and values that an endpoint must have in its metadata. Absent: any will do. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Who is used when no endpoint has the labels: nobody, any, or those with other labels. Default `none`. */
  readonly fallback?: "none" | "any" | Readonly<Record<string, string>>;
  /**
   * How many this process uses, 1..10,000: not every caller is to be connected to every endpoint. `auto`, the default:
   * 20 at least of more than 50 where the registry knows this process among its like, and all elsewhere.
   */
  readonly size?: number | "auto";
}

/** Where calls come from, so that they stay there. Endpoints say their zone in the registry. */
export interface ZonesInput {
  /**
   * The zone of this process, as the registry spells it, or the environment variable that has it. Absent: the one that
   * the registry says of it, where it knows this process.
   */
  readonly own?: FromEnvironment;
  /**
   * How many callers there are in each zone. Absent: as many as the registry knows of this process's like; where it
   * knows none, each zone keeps its calls while five sevenths of it are there.
   */
  readonly callers?: Readonly<Record<string, number>>;
  /** When calls leave a zone that has room for them, but does badly. */
  readonly spill?: {
    /** So many times the latency of the other zones, 0..1,000. Default 3. 0: never. */
    readonly latencyFactor?: number;
    /** Part of the zone that is fit where all of the others is, 0..1. Default 0.6. 0: never. */
    readonly healthyRatio?: number;
  };
}

/** A text, or the environment variable that has it. */
export type FromEnvironment = string | { readonly env: string };

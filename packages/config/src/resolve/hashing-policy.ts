import type { RingSize } from "@weft/core";
import type { HashOnInput, RingHash } from "../input/balancer-input.ts";
import { durationMs } from "../input/units.ts";
import type { Fields } from "./merge.ts";
import { read } from "./read-fields.ts";

/** How a balancer that hashes does so. */
export interface HashingPolicy {
  /** What of a call is hashed, in this order; nothing for a balancer that does not hash. */
  readonly on: readonly HashOn[];
  readonly ring: RingSize & { readonly hash: RingHash };
  /** Of Maglev's table. */
  readonly slots: number;
  /** Undefined: no bound. */
  readonly maxLoad: number | undefined;
}

/** Something of a call that is hashed; with `terminal`, nothing after it is when it yields something. */
export type HashOn = { readonly terminal: boolean } & (
  | { readonly kind: "header"; /** In lower case. */ readonly name: string }
  | { readonly kind: "cookie"; readonly name: string; readonly mint: MintedCookie | undefined }
  | { readonly kind: "query"; readonly name: string }
  | { readonly kind: "path" }
  | { readonly kind: "source-address" }
);

/** The cookie that a caller is given who has none. */
export interface MintedCookie {
  /** 0: until the caller closes. */
  readonly ttlMs: number;
  readonly path: string;
}

const SOURCE_ADDRESS: HashOn = { kind: "source-address", terminal: false };

/** Turns merged fields into what a balancer goes by. The fields went through the schema. */
export function hashingPolicy(fields: Fields): HashingPolicy {
  const kind = read<string>(fields, "balancer.kind");
  const on = read<readonly HashOnInput[] | undefined>(fields, "balancer.hashOn") ?? [];
  return {
    on: kind === "source-ip" ? [SOURCE_ADDRESS] : HASHING.includes(kind) ? on.map(hashOn) : [],
    ring: {
      min: read<number>(fields, "balancer.ring.min"),
      max: read<number>(fields, "balancer.ring.max"),
      hash: read<RingHash>(fields, "balancer.ring.hash"),
    },
    slots: read<number>(fields, "balancer.slots"),
    maxLoad: read<number | undefined>(fields, "balancer.maxLoad"),
  };
}

/** Balancers that have to be told what to hash. */
export const HASHING: readonly string[] = ["ring-hash", "maglev", "ketama"];

function hashOn(input: HashOnInput): HashOn {
  if (typeof input === "string") return { kind: input, terminal: false };
  const { terminal = false } = input;
  if ("header" in input) return { kind: "header", name: input.header.toLowerCase(), terminal };
  if ("query" in input) return { kind: "query", name: input.query, terminal };
  if (typeof input.cookie === "string") return { kind: "cookie", name: input.cookie, mint: undefined, terminal };
  const { name, ttl, path = "/" } = input.cookie;
  return { kind: "cookie", name, mint: ttl === undefined ? undefined : { ttlMs: durationMs(ttl), path }, terminal };
}

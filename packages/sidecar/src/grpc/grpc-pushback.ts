import type { Fields } from "@weft/http";

/** What an endpoint says of trying again. */
export interface Pushback {
  /** So long is to be waited, in ms, >= 0; undefined: it does not say. */
  readonly pauseMs: number | undefined;
  /** It is not to be tried again. */
  readonly forbidden: boolean;
}

const NAME = "grpc-retry-pushback-ms";
const NOTHING: Pushback = { pauseMs: undefined, forbidden: false };
const NEVER: Pushback = { pauseMs: undefined, forbidden: true };

/** Reads `grpc-retry-pushback-ms`: what is negative, or no number, forbids. Source: gRPC A6, "Pushback". */
export function pushbackOf(fields: Pick<Fields, "get">): Pushback {
  const value = fields.get(NAME);
  if (value === undefined) return NOTHING;
  return /^\d{1,9}$/.test(value) ? { pauseMs: Number(value), forbidden: false } : NEVER;
}

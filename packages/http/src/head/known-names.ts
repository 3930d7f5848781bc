import { SEEN } from "./seen.ts";
import { TOKEN } from "./byte-tables.ts";

// Slots: lines of these names are cut out of the fields, but for the last ones, and their value is looked at or kept apart.
export const CONNECTION = 1;
export const KEEP_ALIVE = 2;
export const TE = 3;
export const TRANSFER_ENCODING = 4;
export const UPGRADE = 5;
export const CONTENT_LENGTH = 6;
export const HOST = 7;
export const EXPECT = 8;
export const TRACEPARENT = 9;
export const DEADLINE = 10;
export const GRPC_TIMEOUT = 11;
/** Cut out, whatever the value. */
const DROPPED = 12;
/** Slots from here on are looked at, and their lines stay among the fields. */
export const FIRST_KEPT = 13;
export const CONTENT_TYPE = 13;
export const GRPC_STATUS = 14;
export const SLOTS = 15;

const SLOT_OF: Readonly<Record<string, number>> = {
  connection: CONNECTION,
  "keep-alive": KEEP_ALIVE,
  te: TE,
  "transfer-encoding": TRANSFER_ENCODING,
  upgrade: UPGRADE,
  "content-length": CONTENT_LENGTH,
  "proxy-connection": DROPPED,
  trailer: DROPPED,
  "proxy-authenticate": DROPPED,
  "proxy-authorization": DROPPED,
};

/** Names that have a slot only in requests (and in trailers, where they are cut out as well). */
const REQUEST_SLOT_OF: Readonly<Record<string, number>> = {
  host: HOST,
  expect: EXPECT,
  traceparent: TRACEPARENT,
  "x-request-deadline-ms": DEADLINE,
  "grpc-timeout": GRPC_TIMEOUT,
  "content-type": CONTENT_TYPE,
};

const RESPONSE_SLOT_OF: Readonly<Record<string, number>> = { "grpc-status": GRPC_STATUS };

const SEEN_OF: Readonly<Record<string, number>> = {
  via: SEEN.via,
  "idempotency-key": SEEN.idempotencyKey,
  "x-attempt": SEEN.attempt,
  "x-envoy-expected-rq-timeout-ms": SEEN.expectedTimeout,
  "grpc-timeout": SEEN.grpcTimeout,
  priority: SEEN.priority,
  "retry-after": SEEN.retryAfter,
  "x-no-retry": SEEN.noRetry,
  "x-envoy-overloaded": SEEN.overloaded,
  "x-forwarded-for": SEEN.forwardedFor,
  "x-request-id": SEEN.requestId,
  "user-agent": SEEN.userAgent,
  "cdn-loop": SEEN.cdnLoop,
  tracestate: SEEN.tracestate,
  baggage: SEEN.baggage,
  b3: SEEN.b3,
  "x-b3-spanid": SEEN.b3,
};

/** The bit of SEEN that a field of that name sets; 0 when it has none. */
export function seenBit(name: string): number {
  return SEEN_OF[name] ?? 0;
}

/** Names that are looked for while a head is scanned, each alone in its bucket. */
export interface KnownNames {
  /** The name in a bucket; empty for an empty bucket. */
  readonly names: readonly Uint8Array[];
  readonly slots: Uint8Array;
  readonly seen: Uint16Array;
}

const BUCKETS = 64;

/**
 * The bucket of a name: by its ends and its length, so that nothing has to be reckoned byte by byte. The factors were
 * searched for, so that no two of the names share a bucket.
 *
 * @param first TOKEN of its first byte, and `last` of its last
 */
export function bucketOf(first: number, last: number, length: number): number {
  return (first * 2 + last * 19 + length * 60) & (BUCKETS - 1);
}

export const REQUEST_NAMES: KnownNames = knownNames({ ...SLOT_OF, ...REQUEST_SLOT_OF });
export const RESPONSE_NAMES: KnownNames = knownNames({ ...SLOT_OF, ...RESPONSE_SLOT_OF });

/** Whether the bytes from `from` are that name, in whatever case. Others may fall into its bucket. */
export function isName(bytes: Buffer, from: number, to: number, name: Uint8Array): boolean {
  if (to - from !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (TOKEN[bytes[from + i]!] !== name[i]) return false;
  return true;
}

function knownNames(slotOf: Readonly<Record<string, number>>): KnownNames {
  const names = Array.from({ length: BUCKETS }, () => new Uint8Array());
  const slots = new Uint8Array(BUCKETS);
  const seen = new Uint16Array(BUCKETS);
  for (const name of new Set([...Object.keys(slotOf), ...Object.keys(SEEN_OF)])) {
    const bytes = Buffer.from(name, "latin1");
    const bucket = bucketOf(bytes[0]!, bytes.at(-1)!, bytes.length);
    if (names[bucket]!.length > 0)
      throw new Error(`${name} falls into a bucket that is taken: search for other factors`);
    names[bucket] = bytes;
    slots[bucket] = slotOf[name] ?? 0;
    seen[bucket] = SEEN_OF[name] ?? 0;
  }
  return { names, slots, seen };
}

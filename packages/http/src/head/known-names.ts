import { SEEN } from "./seen.ts";
import { TOKEN } from "./byte-tables.ts";

// Slots: lines of these names are cut out of the fields, and their value is looked at or kept apart.
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
/** Cut out, whatever the value. */
export const DROPPED = 11;
export const SLOTS = 12;

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
};

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
};

/** Names that are looked for while a head is scanned, by hash. A hash that is not theirs costs one look. */
export interface KnownNames {
  /** The hash of the name in a bucket, 0 for an empty bucket. */
  readonly hashes: Int32Array;
  readonly names: readonly Uint8Array[];
  readonly slots: Uint8Array;
  readonly seen: Uint16Array;
}

export const BUCKETS = 256;

/** The rolling hash of a name: feed it TOKEN of each byte, beginning with 0. */
export function hashNext(hash: number, lowerCase: number): number {
  return (Math.imul(hash, 31) + lowerCase) | 0;
}

/** The bucket of a hash. */
export function bucketOf(hash: number): number {
  return (hash ^ (hash >>> 11)) & (BUCKETS - 1);
}

export const REQUEST_NAMES: KnownNames = knownNames({ ...SLOT_OF, ...REQUEST_SLOT_OF });
export const RESPONSE_NAMES: KnownNames = knownNames(SLOT_OF);

/** Whether the bytes from `from` are that name, in whatever case. Makes a hash that was made to collide harmless. */
export function isName(bytes: Buffer, from: number, to: number, name: Uint8Array): boolean {
  if (to - from !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (TOKEN[bytes[from + i]!] !== name[i]) return false;
  return true;
}

function knownNames(slotOf: Readonly<Record<string, number>>): KnownNames {
  const hashes = new Int32Array(BUCKETS);
  const names = Array.from({ length: BUCKETS }, () => new Uint8Array());
  const slots = new Uint8Array(BUCKETS);
  const seen = new Uint16Array(BUCKETS);
  for (const name of [...Object.keys(slotOf), ...Object.keys(SEEN_OF)]) {
    const bytes = Buffer.from(name, "latin1");
    const hash = bytes.reduce(hashNext, 0);
    const bucket = bucketOf(hash);
    if (hashes[bucket] !== 0) throw new Error(`${name} falls into a bucket that is taken: choose another hash`);
    hashes[bucket] = hash;
    names[bucket] = bytes;
    slots[bucket] = slotOf[name] ?? 0;
    seen[bucket] = SEEN_OF[name] ?? 0;
  }
  return { hashes, names, slots, seen };
}

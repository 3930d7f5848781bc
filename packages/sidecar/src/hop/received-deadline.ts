import { type Fields, type RequestHead, SEEN } from "@weft/http";

/** What of a request says how long its caller waits. */
type DeadlineHead = Pick<RequestHead, "deadline" | "seen" | "get">;

/** Lines beside our own that say how long the caller waits. */
export const OTHER_DEADLINES: number = SEEN.expectedTimeout | SEEN.grpcTimeout;

const ENVOYS = "x-envoy-expected-rq-timeout-ms";
const GRPCS = "grpc-timeout";
/** Source: gRPC over HTTP/2, "Timeout". */
const UNITS_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };
/** What eight digits can say. */
const MOST_MS = 99_999_999;

/** Whether the caller said how long it waits. Two comparisons: asked of each request. */
export function bringsDeadline(head: DeadlineHead): boolean {
  return head.deadline !== "" || (head.seen & OTHER_DEADLINES) !== 0;
}

/**
 * How long the caller still waits, in ms: the shortest that it says by `x-request-deadline-ms`, Envoy's header or
 * gRPC's. What does not follow the rules of its header says nothing.
 *
 * @returns Infinity when nothing says so; 0 when it waits no more
 */
export function receivedDeadlineMs(head: DeadlineHead): number {
  const own = wholeMs(head.deadline);
  if ((head.seen & OTHER_DEADLINES) === 0) return own;
  // Of Envoy, 0 is no deadline: there it switches timeouts off.
  const envoys = wholeMs(head.get(ENVOYS) ?? "") || Number.POSITIVE_INFINITY;
  return Math.min(own, envoys, grpcMs(head.get(GRPCS) ?? ""));
}

/**
 * Writes down what is left in the caller's own terms, too: an endpoint that reads one of these would otherwise count
 * on time that has passed here.
 */
export function restateDeadline(head: Fields, leftMs: number): void {
  if (leftMs === Number.POSITIVE_INFINITY) return;
  const ms = Math.max(1, Math.floor(leftMs));
  if (head.has(ENVOYS)) head.set(ENVOYS, String(ms));
  if (head.has(GRPCS)) head.set(GRPCS, ms <= MOST_MS ? `${ms}m` : `${Math.floor(ms / 1_000)}S`);
}

function wholeMs(value: string): number {
  return /^\d{1,9}$/.test(value) ? Number(value) : Number.POSITIVE_INFINITY;
}

function grpcMs(value: string): number {
  const [, count = "", unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(value) ?? [];
  return unit === "" ? Number.POSITIVE_INFINITY : Number(count) * (UNITS_MS[unit] ?? 1);
}

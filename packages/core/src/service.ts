import type { Endpoint } from "./endpoint.ts";
import type { Lease } from "./cluster/lease.ts";
import type { Word64 } from "./hash/word64.ts";
import type { Outcome } from "./outcome.ts";
import type { Expiring } from "./time/timeout-queue.ts";

/**
 * Answers a request. Everything in weft that answers one is a Service: a connection pool, a whole client, a route.
 *
 * @returns a promise of the response, whose body may still be arriving. A promise-like is enough: see `Eventual`
 * @throws  MeshError when the mesh itself failed; whatever the transport threw, otherwise
 */
export type Service<Req, Res> = (request: Req, call: Call) => PromiseLike<Res>;

/**
 * Changes the fate of requests on their way to a Service: delays, repeats, refuses, counts.
 *
 * A layer that only watches does its work before, registers the rest with `call.onAnswer` or `call.on`, and returns
 * the inner promise unchanged. Only one that must come back, such as retry, awaits.
 */
export interface Layer<Req, Res> {
  readonly name: string;
  /** Names of layers that must lie further out. Checked by `stack()`. */
  readonly inside?: readonly string[];
  wrap(next: Service<Req, Res>): Service<Req, Res>;
}

/**
 * What the application asked for, with all its attempts. One object for the whole way down, which also waits in the
 * queue of its deadline.
 */
export interface Call extends Expiring {
  /** Counts up in one mesh; names the call in decision records. */
  readonly number: number;
  readonly service: string;
  /** When the call came in, on the policy clock. */
  readonly startedMs: number;
  readonly idempotent: boolean;
  /** Instant on the policy clock after which nobody wants the answer; Infinity when none was set. */
  readonly deadlineMs: number;
  /** What a hashing balancer goes by; undefined when the call has no key. Set before the first attempt. */
  readonly hash: Word64 | undefined;
  /**
   * The token of its caller's session, which stands for the endpoint that keeps it; "": the caller has none yet;
   * undefined: nobody keeps sessions. Set before the first attempt.
   */
  readonly session: string | undefined;
  /** Number of the attempt that runs: 1 is the first, 0 before any. */
  readonly attempt: number;
  /** Endpoints that attempts of this call have already gone to. */
  readonly tried: readonly Endpoint[];
  /**
   * The lease of the attempt being started. The transport takes it before its first await and releases it, once.
   */
  lease: Lease | undefined;
  /** The lease of the attempt that began last. It stays here when the transport has taken `lease`. */
  begun: Lease | undefined;
  /** Aborts when the call is cut. Made on first use. */
  readonly signal: AbortSignal;
  /** Why the call was cut; undefined while it runs or when it completed. */
  readonly cutBy: unknown;
  /** Brings the deadline forward. A later one than the present changes nothing. */
  tighten(deadlineMs: number): void;
  /** Notes that an attempt starts at this endpoint. */
  trying(endpoint: Endpoint): void;
  /** The attempt that began last told nothing of its endpoint, which counts as not tried by it. */
  untried(): void;
  /** Gives the call up: every attempt is cut, `signal` aborts. Nothing happens when the call has ended. */
  cut(reason: unknown): void;
  /** Runs `hook` when the call is cut; at once when it was. */
  onCut<State>(hook: (reason: unknown, state: State) => void, state: State): void;
  /** Runs `hook` once: when the head of the final answer is known, or the call failed for good. At once when it is. */
  onAnswer<State>(hook: (outcome: Outcome, atMs: number, state: State) => void, state: State): void;
  /** Runs `hook` once, when the exchange has ended, with the last byte of the response or without it. At once when it has. */
  on<State>(hook: (end: End, state: State) => void, state: State): void;
}

export type End =
  | { readonly kind: "complete"; readonly atMs: number }
  | { readonly kind: "cut"; readonly atMs: number; readonly by: "caller" | "endpoint" | "mesh" };

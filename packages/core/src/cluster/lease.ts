import type { Endpoint } from "../endpoint.ts";
import type { Outcome } from "../outcome.ts";
import type { LoadReport } from "../policy/reported-load/load-report.ts";
import type { Expiring, TimeoutQueue } from "../time/timeout-queue.ts";
import type { Node } from "./node.ts";

/**
 * The right to send one attempt to one endpoint. Given back exactly once; a second release does nothing.
 */
export interface Lease extends Expiring {
  readonly endpoint: Endpoint;
  /** When the attempt began, on the policy clock. */
  readonly startedMs: number;
  /** 1 for the call's first attempt. */
  readonly attempt: number;
  /**
   * The head of the response is here, and says `outcome`. Ends the latency sample and the attempt timeout: what the
   * body takes is not the endpoint's answer time. Not needed when the attempt ends without a head.
   */
  answered(outcome: Outcome, nowMs?: number): void;
  /**
   * The exchange is over, with the last byte of the body or without it.
   *
   * @param nowMs a reading of the policy clock, when the caller has one already
   */
  release(outcome: Outcome, nowMs?: number): void;
  /** The endpoint said with its answer how loaded it is. For balancers that go by it. */
  reported(report: LoadReport, nowMs: number): void;
  /** Gives the attempt up, but not the call. Reaches whoever registered with `onCut`. Nothing after the release. */
  cut(reason: unknown): void;
  /**
   * Another attempt of the call was faster: cuts this one, and gives it back as ignored whatever the transport makes of
   * the cut. That it took so long counts in its endpoint's latency.
   */
  abandon(reason: unknown): void;
  /** Runs `hook` when the attempt is cut, at once when it was; never after the release. One hook: the transport's. */
  onCut<State>(hook: (reason: unknown, state: State) => void, state: State): void;
}

/** Where leases report. The cluster implements it: judging an endpoint needs to see the others. */
export interface LeaseBook {
  answered(lease: NodeLease, outcome: Outcome, nowMs: number | undefined): void;
  released(lease: NodeLease, outcome: Outcome, nowMs: number | undefined): void;
  /** The attempt was given up for one that was faster. */
  abandoned(lease: NodeLease): void;
  /** The attempt timeout ran out: what `cut` is told. */
  timedOut(lease: NodeLease): unknown;
}

type State = "held" | "cut" | "abandoned" | "released";

/**
 * A lease on a node. One object for each attempt: lease, entry of the node's list of attempts, and of a timeout queue,
 * whose fields it has itself for the reason that `OngoingCall` does.
 */
export class NodeLease implements Lease {
  queue: TimeoutQueue | undefined = undefined;
  dueMs = 0;
  earlier: Expiring | undefined = undefined;
  later: Expiring | undefined = undefined;

  readonly node: Node;
  readonly startedMs: number;
  /** Number of the call it serves, and which of its attempts this is: for decision records. */
  readonly call: number;
  readonly attempt: number;
  /** Whether this attempt is the trial of a probing endpoint. */
  trial = false;
  /** Neighbours among the node's attempts without an answer yet, oldest first. They belong to the node. */
  before: NodeLease | undefined = undefined;
  after: NodeLease | undefined = undefined;
  /** What the attempt has shown so far: `release` counts a success only when nothing worse came before. */
  shown: "nothing" | "head" | "failure" = "nothing";
  /** The failure that the head showed: what the attempt came to, however its body ended. */
  blame: Outcome | undefined = undefined;

  readonly #book: LeaseBook;
  #state: State = "held";
  #cutHook: ((reason: unknown, state: never) => void) | undefined = undefined;
  /** What the hook is given; once cut, the reason. */
  #cutState: unknown = undefined;

  constructor(node: Node, startedMs: number, book: LeaseBook, call: number, attempt: number) {
    this.node = node;
    this.startedMs = startedMs;
    this.call = call;
    this.attempt = attempt;
    this.#book = book;
  }

  get endpoint(): Endpoint {
    return this.node.endpoint;
  }

  answered(outcome: Outcome, nowMs?: number): void {
    if (isOver(this.#state) || this.shown !== "nothing") return;
    this.settle();
    this.#book.answered(this, outcome, nowMs);
  }

  release(outcome: Outcome, nowMs?: number): void {
    if (isOver(this.#state)) return;
    this.#state = "released";
    this.#cutHook = this.#cutState = undefined;
    this.settle();
    this.#book.released(this, outcome, nowMs);
  }

  reported(report: LoadReport, nowMs: number): void {
    this.node.reported(report, nowMs);
  }

  abandon(reason: unknown): void {
    if (isOver(this.#state)) return;
    const hook = this.#cutHook;
    const state = this.#cutState;
    this.#state = "abandoned"; // first: what the transport says of it no longer counts
    this.#cutHook = undefined;
    this.#cutState = reason;
    this.settle();
    this.#book.abandoned(this);
    // As in `cut`. A lease that was cut before has no hook any more.
    hook?.(reason, state as never);
  }

  cut(reason: unknown): void {
    if (this.#state !== "held") return;
    this.#state = "cut";
    const hook = this.#cutHook;
    const state = this.#cutState;
    this.#cutHook = undefined;
    this.#cutState = reason;
    this.settle();
    // `onCut` stored hook and state together: the hook takes a state of this type.
    hook?.(reason, state as never);
  }

  onCut<State>(hook: (reason: unknown, state: State) => void, state: State): void {
    if (this.#state === "released") return;
    if (this.#state !== "held") return hook(this.#cutState, state);
    this.#cutHook = hook;
    this.#cutState = state;
  }

  settle(): void {
    this.queue?.remove(this);
  }

  expire(): void {
    this.cut(this.#book.timedOut(this));
  }
}

/** Given back: nothing that is said of it counts any more. Not a private getter, which would cost each lease a field. */
function isOver(state: State): boolean {
  return state === "released" || state === "abandoned";
}

import type { Lease } from "../cluster/lease.ts";
import type { DecisionLog } from "../decision/decision-log.ts";
import type { HedgeVerdict } from "../decision/decision.ts";
import { Eventual } from "../eventual.ts";
import type { Events } from "../events.ts";
import type { Hedging } from "../policy/hedge/hedging.ts";
import type { AttemptResult } from "../policy/retry/attempt-result.ts";
import type { Call, Layer, Service } from "../service.ts";
import type { Clock } from "../time/time.ts";
import { Expiring, type TimeoutQueues } from "../time/timeout-queue.ts";

export interface HedgePorts<Req, Res> {
  readonly clock: Clock;
  readonly timeouts: TimeoutQueues;
  readonly events: Events;
  readonly decisions: DecisionLog;
  /** Whether an endpoint that the call has not been to would take an attempt now. */
  readonly elsewhere: (call: Call) => boolean;
  /** What became of an attempt that answered; undefined when nothing about it could ask for a retry. */
  readonly resultOf: (response: Res) => AttemptResult | undefined;
  /** Whether the request, with its body, can be sent once more while the first attempt may still be sending it. */
  readonly repeatable: (request: Req) => boolean;
  /** Throws an answer away that another replaces: its body is not read. Bears one whose attempt has been cut. */
  readonly discard: (response: Res) => void;
}

/** What an attempt is cut with that another was faster than. */
const OUTRUN = new DOMException("another attempt of the call was faster", "AbortError");

/**
 * Starts a second attempt at another endpoint when the first takes longer than most do, and takes the first usable
 * answer of the two. The other attempt is cut at once and given back as ignored.
 *
 * Usable is whatever retry would not repeat. While two attempts run, the failure of one waits for the other; when both
 * failed, retry is given the later failure, and may go to a third endpoint. A first attempt that fails before the hedge
 * began is retry's at once. Only a call's first attempt is hedged, and only an idempotent call; a hedge is no retry and
 * costs no retry budget.
 */
export function hedge<Req, Res>(hedging: Hedging, ports: HedgePorts<Req, Res>): Layer<Req, Res> {
  return {
    name: "hedge",
    // Retry sees both attempts as one; breaker and limit see one call.
    inside: ["deadline", "circuit-breaker", "concurrency-limit", "retry"],
    wrap: (next) => (request, call) => {
      if (call.attempt > 0) return next(request, call);
      hedging.deposit(call.startedMs);
      if (!call.idempotent) return next(request, call);
      return new Race(hedging, ports, next, request, call).begin();
    },
  };
}

/** The one or two attempts of a call. Waits in a queue while there is one. */
class Race<Req, Res> extends Expiring {
  readonly #hedging: Hedging;
  readonly #ports: HedgePorts<Req, Res>;
  readonly #next: Service<Req, Res>;
  readonly #request: Req;
  readonly #call: Call;
  readonly #answer = new Eventual<Res>();
  #first: Lease | undefined = undefined;
  #second: Lease | undefined = undefined;
  #running = 0;
  #over = false;

  constructor(hedging: Hedging, ports: HedgePorts<Req, Res>, next: Service<Req, Res>, request: Req, call: Call) {
    super();
    this.#hedging = hedging;
    this.#ports = ports;
    this.#next = next;
    this.#request = request;
    this.#call = call;
  }

  begin(): PromiseLike<Res> {
    const attempt = this.#start();
    this.#first = this.#call.begun;
    this.#follow(attempt, false);
    if (this.#over || this.#first === undefined) return this.#answer;
    const { startedMs } = this.#first;
    const delayMs = this.#hedging.delayMs(startedMs);
    if (delayMs < Number.POSITIVE_INFINITY) this.#ports.timeouts.of(delayMs).add(this, startedMs);
    return this.#answer;
  }

  /** The first attempt takes long. */
  expire(): void {
    const first = this.#first;
    if (this.#call.cutBy !== undefined || first === undefined) return; // the attempt is about to end
    const nowMs = this.#ports.clock.nowMs();
    const denied = this.#denied(nowMs);
    if (denied !== undefined) return this.#note(denied, first, nowMs);
    const attempt = this.#start();
    const second = (this.#second = this.#call.begun);
    if (second !== undefined) {
      this.#note("started", second, nowMs);
      this.#tell("hedge.started", first, second, nowMs);
    }
    this.#follow(attempt, true);
  }

  #denied(nowMs: number): HedgeVerdict | undefined {
    if (!this.#ports.repeatable(this.#request)) return "body";
    if (!this.#ports.elsewhere(this.#call)) return "nowhere";
    return this.#hedging.withdraw(nowMs) ? undefined : "budget";
  }

  #start(): PromiseLike<Res> {
    this.#running++;
    this.#call.begun = undefined; // where no endpoint is found there will be no lease
    return this.#next(this.#request, this.#call);
  }

  #follow(attempt: PromiseLike<Res>, isHedge: boolean): void {
    attempt.then(
      (response) => this.#answered(response, isHedge),
      (error: unknown) => {
        if (!this.#over && this.#ends(false, isHedge)) this.#answer.reject(error);
      },
    );
  }

  #answered(response: Res, isHedge: boolean): void {
    const { resultOf, discard } = this.#ports;
    try {
      const decides = !this.#over && this.#ends(!asksForRetry(resultOf(response)), isHedge);
      if (decides) this.#answer.resolve(response);
      else discard(response);
    } catch (error) {
      this.#answer.reject(error); // a transport that throws when it is cut must not leave the call without an end
    }
  }

  /** @returns whether this attempt decides: it is usable, or there is no other left that might be */
  #ends(usable: boolean, isHedge: boolean): boolean {
    const { clock } = this.#ports;
    this.#running--;
    if (!usable && this.#running > 0 && this.#call.cutBy === undefined) return false;
    this.#over = true;
    this.settle();
    const first = this.#first;
    if (first === undefined) return true;
    const nowMs = clock.nowMs();
    const elapsedMs = nowMs - first.startedMs;
    if (this.#call.cutBy !== undefined) return true;
    if (usable) this.#hedging.answered(elapsedMs, nowMs);
    else this.#hedging.failed(elapsedMs, nowMs);
    const second = this.#second;
    if (second === undefined || !usable) return true;
    this.#note(isHedge ? "won" : "lost", isHedge ? second : first, nowMs);
    if (isHedge) this.#tell("hedge.won", first, second, nowMs);
    (isHedge ? first : second).abandon(OUTRUN);
    return true;
  }

  #note(verdict: HedgeVerdict, { attempt }: Lease, nowMs: number): void {
    const elapsedMs = nowMs - (this.#first?.startedMs ?? nowMs);
    this.#ports.decisions.hedge(nowMs, this.#call.number, attempt, verdict, elapsedMs, this.#hedging.remaining(nowMs));
  }

  #tell(name: "hedge.started" | "hedge.won", first: Lease, second: Lease, nowMs: number): void {
    this.#ports.events.emit(name, {
      service: this.#call.service,
      slow: first.endpoint.id,
      endpoint: second.endpoint.id,
      afterMs: nowMs - first.startedMs,
    });
  }
}

function asksForRetry(result: AttemptResult | undefined): boolean {
  return result !== undefined && (result.failure !== undefined || result.outcome.kind === "failure");
}

import { IGNORED, type Importance, MeshError, type OngoingCall, type Settled } from "@weft/core";
import type { Running } from "@weft/runtime";
import type { SimulatedAttempt } from "./simulated-attempt.ts";
import type { SimulatedClient } from "./simulated-client.ts";

/** One call of a client, from its arrival to its end. */
export class SimulatedCall implements Running, Settled<SimulatedAttempt> {
  readonly call: OngoingCall;
  /** Which of the scenario's keys it brings; undefined: nobody looks. */
  readonly key: number | undefined;
  readonly importance: Importance;
  earlier: Running | undefined = undefined;
  later: Running | undefined = undefined;
  over = false;
  readonly #client: SimulatedClient;

  constructor(client: SimulatedClient, call: OngoingCall, key: number | undefined, importance: Importance) {
    this.#client = client;
    this.call = call;
    this.key = key;
    this.importance = importance;
  }

  /** The layers have had their say: what this attempt came to is what the call comes to. */
  kept(attempt: SimulatedAttempt): void {
    const { time, tally } = this.#client;
    const { outcome, failed } = attempt;
    this.over = true;
    this.call.answered(outcome, time.now);
    this.#client.answered(this, attempt);
    tally.callEnded(this.call.startedMs, time.now, failed, this.importance);
    this.#client.ended(this, failed === undefined);
  }

  /** A layer refused it. */
  broken(error: unknown): void {
    const { time, tally } = this.#client;
    this.over = true;
    this.call.answered(IGNORED, time.now);
    const why = error instanceof MeshError ? error.code : "ABORTED";
    tally.callEnded(this.call.startedMs, time.now, why, this.importance);
    this.#client.ended(this, false);
  }
}

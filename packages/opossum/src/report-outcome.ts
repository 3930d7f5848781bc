import type { FailureReason, Outcome } from "@weft/core";
import type { OpossumCircuit } from "./circuit.ts";

/** What opossum is told of a failed call. Seen by listeners of its `failure` event and by its `errorFilter`. */
export class FailedCall extends Error {
  readonly code: FailureReason;

  constructor(reason: FailureReason) {
    super(`the call failed: ${reason}`);
    this.name = "FailedCall";
    this.code = reason;
  }
}

const failedCalls = new Map<FailureReason, FailedCall>();

/** The same error for the same reason: a stack would tell nothing of the call, and an outage is no time to make one. */
function failedCall(reason: FailureReason): FailedCall {
  let error = failedCalls.get(reason);
  if (error === undefined) failedCalls.set(reason, (error = new FailedCall(reason)));
  return error;
}

/**
 * Tells the circuit how a call went that is over already: it fires, and the action it runs ends at once.
 *
 * So opossum's counts hold settled calls only, its timeout and its capacity have nothing to act on, and its state has
 * changed when this returns. The circuit's own action does not run: it stands aside for the length of this function.
 *
 * What a listener on the circuit throws is dropped. (One of `failure` that throws keeps opossum from counting that
 * failure towards opening.)
 */
export function reportOutcome(circuit: OpossumCircuit, outcome: Exclude<Outcome, { kind: "ignored" }>): void {
  const own: unknown = Reflect.get(circuit, "action");
  Reflect.set(circuit, "action", () => settled(outcome));
  try {
    // On failure the promise rejects with what we just told it.
    circuit.fire().then(ignore, ignore);
  } catch {
    // A listener of `fire` threw.
  } finally {
    Reflect.set(circuit, "action", own);
  }
}

/**
 * A promise that is settled already and runs its callbacks at once. opossum chains `.then(succeeded).catch(failed)`; a
 * version that awaits instead calls `then` with both, which works as well.
 */
function settled(outcome: Exclude<Outcome, { kind: "ignored" }>): object {
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- to be one is what this object is for
    then(succeeded: (value: unknown) => void, failed?: (error: unknown) => void) {
      if (outcome.kind === "success") quietly(() => succeeded(undefined));
      else if (failed !== undefined) quietly(() => failed(failedCall(outcome.reason)));
      return {
        catch(handle: (error: unknown) => void) {
          if (outcome.kind === "failure") quietly(() => handle(failedCall(outcome.reason)));
        },
      };
    },
  };
}

function quietly(tell: () => void): void {
  try {
    tell();
  } catch {
    // A listener's mistake: see reportOutcome.
  }
}

function ignore(): void {}

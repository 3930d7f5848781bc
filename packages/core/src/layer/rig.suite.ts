import { eventJournal, type EventJournal, fakeTime, type FakeTime, seededRandom } from "@weft/testkit";
import { OngoingCall } from "../call.ts";
import { BalancedCluster } from "../cluster/balanced-cluster.ts";
import { many } from "../cluster/stage.suite.ts";
import { DecisionLog } from "../decision/decision-log.ts";
import { MeshError } from "../errors.ts";
import { meshEvents } from "../events.ts";
import { failure, IGNORED, outcomeOfStatus } from "../outcome.ts";
import { type AttemptResult, conditionOfStatus } from "../policy/retry/attempt-result.ts";
import { TimeoutQueues } from "../time/timeout-queue.ts";
import type { Service } from "../service.ts";
import type { HedgePorts } from "./hedge.ts";
import type { RetryPorts } from "./retry.ts";

/**
 * What one attempt is to do: a status after so long, or a failure to connect, or to meet a connection that has been
 * closed, or nothing until it is cut.
 */
export type Act =
  | { readonly status: number; readonly afterMs?: number; readonly retryAfterMs?: number; readonly forbidden?: boolean }
  | { readonly refuse: true }
  | { readonly stale: true }
  | { readonly hang: true };

export interface Rig {
  readonly time: FakeTime;
  readonly cluster: BalancedCluster;
  readonly journal: EventJournal;
  readonly decisions: DecisionLog;
  readonly timeouts: TimeoutQueues;
  /** Everything a layer may ask for. */
  readonly ports: RetryPorts<string, Answer> & HedgePorts<string, Answer>;
  /** Answers that retries threw away. */
  readonly discarded: Answer[];
  /** Does as the acts say, one for each attempt, the last for all further ones. Takes and releases the lease. */
  transport(acts: readonly Act[]): Service<string, Answer> & { readonly attempts: () => number };
  /** A new call. The rig finishes it as a client does: see `run`. */
  call(idempotent?: boolean): OngoingCall;
  /** Sends through `service` as a client does: `answered` with the head, `finish` when it is over. */
  run(service: Service<string, Answer>, call?: OngoingCall): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly act: Act;
}

export function rig(size = 3): Rig {
  const time = fakeTime(1_000);
  const events = meshEvents();
  const journal = eventJournal(events);
  const random = seededRandom(5);
  const decisions = new DecisionLog();
  const cluster = new BalancedCluster({ service: "orders", clock: time, random, events, decisions });
  cluster.update(many(size));
  const timeouts = new TimeoutQueues(time);
  const discarded: Answer[] = [];
  let calls = 0;
  const newCall = (idempotent = true): OngoingCall => new OngoingCall(++calls, "orders", time.nowMs(), idempotent);
  return {
    time,
    cluster,
    journal,
    decisions,
    timeouts,
    discarded,
    ports: {
      clock: time,
      timer: time,
      random,
      events,
      decisions,
      timeouts,
      elsewhere: (call) => cluster.elsewhere(call),
      resultOf,
      resultOfError,
      repeatable: (request) => request !== "once",
      discard: (answer) => void discarded.push(answer),
    },
    transport: (acts) => transport(acts, time),
    call: newCall,
    async run(service, call = newCall()) {
      try {
        const answer = await service("GET /", call);
        call.answered(outcomeOfStatus(answer.status), time.nowMs());
        call.finish({ kind: "complete", atMs: time.nowMs() });
        return answer;
      } catch (error) {
        if (call.cutBy === undefined) call.answered(failure("reset"), time.nowMs());
        call.finish({ kind: "cut", atMs: time.nowMs(), by: call.cutBy === undefined ? "endpoint" : "caller" });
        throw error;
      }
    },
  };
}

function transport(acts: readonly Act[], time: FakeTime): ReturnType<Rig["transport"]> {
  let attempts = 0;
  const send = async (_request: string, call: Parameters<Service<string, Answer>>[1]): Promise<Answer> => {
    const act = acts[Math.min(attempts++, acts.length - 1)]!;
    const { lease } = call;
    const cut = Promise.withResolvers<never>();
    cut.promise.catch(() => {});
    lease?.onCut((reason) => cut.reject(reason), undefined);
    call.onCut((reason) => cut.reject(reason), undefined);
    try {
      if ("hang" in act) return await cut.promise;
      if ("refuse" in act) throw new MeshError("CONNECT_FAILED", "refused", { neverSent: true });
      if ("stale" in act) throw new MeshError("CONNECTION_LOST", "closed");
      if (act.afterMs !== undefined) await Promise.race([time.sleep(act.afterMs), cut.promise]);
      lease?.release(outcomeOfStatus(act.status));
      return { status: act.status, act };
    } catch (error) {
      lease?.release(call.cutBy === undefined ? failure("timeout") : { kind: "ignored" });
      throw error;
    }
  };
  return Object.assign(send, { attempts: () => attempts });
}

function resultOf({ status, act }: Answer): AttemptResult | undefined {
  if (status < 400) return undefined;
  return {
    outcome: outcomeOfStatus(status),
    failure: conditionOfStatus(status),
    status,
    sent: "yes",
    retryAfterMs: "retryAfterMs" in act ? (act.retryAfterMs ?? 0) : 0,
    forbidden: "forbidden" in act && act.forbidden === true,
  };
}

function resultOfError(error: unknown): AttemptResult | undefined {
  if (!(error instanceof MeshError)) return undefined;
  const facts = { status: 0, retryAfterMs: 0, forbidden: false };
  if (error.code === "CONNECT_FAILED") {
    return { ...facts, outcome: failure("connect"), failure: "connect-failure", sent: "no" };
  }
  if (error.code === "CONNECTION_LOST")
    return { ...facts, outcome: IGNORED, failure: "stale-connection", sent: "maybe" };
  if (error.code === "ATTEMPT_TIMEOUT")
    return { ...facts, outcome: failure("timeout"), failure: "timeout", sent: "maybe" };
  return undefined;
}

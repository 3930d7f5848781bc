import type { HealthQuestion } from "@weft/config";
import type { Breaker, Clock, Endpoint, Events, ProbeResult, Random, Time, TimeoutQueues } from "@weft/core";
import type { CallLog } from "../call/call-log.ts";
import type { Peers } from "../registry/peers.ts";

/** What all services of one home share. */
export interface RuntimePorts {
  readonly time: Time;
  readonly random: Random;
  readonly events: Events;
  /** Of deadlines, attempts and hedges. Closed by the home, after its services. */
  readonly timeouts: TimeoutQueues;
  /** This process among its peers: for subsets and zones. Absent: the home never knows them. */
  readonly peers?: Peers;
  /** Breakers of other makes, by service. Absent: there are none. */
  readonly breakers?: Readonly<Record<string, (ports: BreakerPorts) => OtherBreaker>>;
  /**
   * Asks an endpoint, in the service's name, whether it is fit; what it throws is a failed check. Absent: the home makes
   * no active checks, whatever a policy says.
   */
  readonly probe?: (
    endpoint: Endpoint,
    question: HealthQuestion,
    service: string,
    signal: AbortSignal,
  ) => Promise<ProbeResult>;
  /** Whether `probe` can ask that; where it cannot there are no checks. Absent: it can ask everything. */
  readonly canAsk?: (question: HealthQuestion) => boolean;
  /** How long a call waits for the registry's first answer, in ms. */
  readonly readyMs: number;
  /** Numbers calls from 1, over all services of the home. */
  readonly nextCall: () => number;
  /** How many decisions are kept of each service, >= 1. Absent: as many as a `DecisionLog` keeps. */
  readonly decisions?: number;
  /** Remembers those that have ended, of all services of the home. */
  readonly calls: CallLog;
}

/** What a breaker of another make is made with. */
export interface BreakerPorts {
  readonly clock: Clock;
  readonly events: Events;
}

/** A breaker of another make, and the way to let go of what it holds. */
export interface OtherBreaker {
  readonly breaker: Breaker;
  close?(): void;
}

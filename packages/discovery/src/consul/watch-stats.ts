/** What one watch of Consul has seen so far. A plain copy; counters only grow. */
export interface ConsulWatchStats {
  /** Since Consul last confirmed the membership, in ms; Infinity when it never has. */
  readonly sinceSuccessMs: number;
  readonly requests: number;
  /** Answers whose index went backwards, or that came from another backend. */
  readonly indexResets: number;
  /** Answers that were not believed: empty ones, and such with most endpoints gone. */
  readonly answersHeld: number;
  /** Answers with the very bytes of the one before, which were not parsed. */
  readonly sameAnswers: number;
  /** Failures since the last success; 0 while all is well. */
  readonly failures: number;
  /** The pause that runs now before asking again, as drawn; 0 when none runs. */
  readonly backoffMs: number;
  /** Blocking, or polled because the budget of connections is used up. */
  readonly mode: "blocking" | "polling";
}

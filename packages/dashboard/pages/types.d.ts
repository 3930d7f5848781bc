// What the admin API answers, as far as these pages read it. docs/admin.md has every field.

export interface Overview {
  readonly atMs: number;
  readonly process: {
    readonly service: string | null;
    readonly pid: number;
    readonly since: string;
    readonly state: "starting" | "ready" | "draining";
    readonly reasons: readonly string[];
  };
  readonly policy: { readonly since: string; readonly refused: string | null };
  readonly telemetry: { readonly otlp: string | null; readonly sampleRatio: number };
  readonly latencyBoundsMs: readonly number[];
  readonly answerBoundsMs: readonly number[];
  readonly services: readonly Service[];
}

export interface Service {
  readonly name: string;
  readonly source: string;
  readonly discovery: {
    readonly state: "live" | "stale" | "snapshot" | "pending";
    readonly staleMs: number | null;
    readonly error?: string;
  };
  readonly balancer: string;
  readonly typicalMs: number;
  readonly panic: boolean;
  readonly calls: Limit;
  readonly connections: Limit;
  readonly breaker: { readonly state: "closed" | "open" | "half-open"; readonly nextTrialMs: number | null } | null;
  readonly retriesLeft: number | null;
  readonly retries: Limit | null;
  readonly members: {
    readonly total: number;
    readonly available: number;
    readonly ejected: number;
    readonly trial: number;
    readonly unhealthy: number;
    readonly failing: number;
    readonly draining: number;
  };
  readonly subset: string | null;
  readonly zonesOff: string | null;
  readonly groups: readonly { readonly zone: string | null; readonly share: number; readonly spill: string | null }[];
  readonly counted: Counted;
}

export interface Limit {
  readonly running: number;
  readonly most: number;
}

/** Grows only, since the sidecar was made. */
export interface Counted {
  readonly calls: number;
  readonly ended: number;
  readonly failed: number;
  readonly attempts: number;
  readonly retries: number;
  readonly ejections: number;
  readonly latency: readonly number[];
}

export interface EndpointPage {
  readonly name: string;
  readonly members: Service["members"];
  readonly matching: number;
  readonly endpoints: readonly Endpoint[];
}

export interface Endpoint {
  readonly id: string;
  readonly address: string;
  readonly weight: number;
  readonly zone: string | null;
  readonly available: boolean;
  readonly why: string;
  readonly registry: string;
  readonly activeCheck: string;
  readonly ejectedForMs: number | null;
  readonly latencyMs: number | null;
  readonly pending: number;
  readonly attempts: number;
  readonly failed: number;
  readonly failuresInRow: number;
  readonly answers?: readonly number[];
}

/** What came of the difference of two counts. Undefined: nothing to tell it by. */
export interface Rates {
  readonly perSecond: number | undefined;
  readonly successRatio: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** By bucket, within the window. */
  readonly latency: readonly number[];
}

/** Counts of one thing at an instant. */
export interface Sample {
  readonly begun: number;
  readonly ended: number;
  readonly failed: number;
  readonly latency: readonly number[];
}

/** Where the page stands with the sidecar. */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "live"; readonly atMs: number }
  | { readonly kind: "slow"; readonly atMs: number | undefined; readonly sinceMs: number }
  | { readonly kind: "lost"; readonly atMs: number | undefined; readonly why: string; readonly againAtMs: number }
  | { readonly kind: "paused"; readonly atMs: number | undefined; readonly by: "you" | "background" };

/** A call that has ended. */
export interface EndedCall {
  readonly seq: number;
  readonly call: number;
  readonly service: string;
  readonly endpoint: string | null;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly status: number;
  readonly grpcStatus: number | null;
  readonly attempts: number;
  readonly error: string | null;
  readonly failed: boolean;
  readonly flags: readonly string[];
  readonly refused: string | null;
  readonly traceId: string | null;
}

export interface CallPage {
  /** The `seq` of the call that ended last. */
  readonly newest: number;
  readonly calls: readonly EndedCall[];
}

/** Why a call went as it did. */
export interface Explanation {
  readonly call: number;
  readonly service: string;
  readonly end: EndedCall | null;
  readonly decisions: readonly Decision[];
}

export interface Decision {
  readonly kind: string;
  readonly text: string;
  readonly afterMs?: number;
  readonly outcome?: string;
  readonly verdict?: string;
  readonly endpoint?: string;
  readonly candidates?: readonly Candidate[];
}

export interface Candidate {
  readonly endpoint: string;
  readonly load: number | null;
  readonly latencyMs: number;
  readonly failures: number;
  readonly pending: number;
  readonly weight: number;
}

// The three nouns.
export type { Call, End, Layer, Service } from "./service.ts";
export { stack } from "./stack.ts";
export { Eventual, tell } from "./eventual.ts";
export type { Settled } from "./eventual.ts";
export type { Lease } from "./cluster/lease.ts";
export type { SessionFate, SessionRules } from "./cluster/session-keepers.ts";
export type { Absence, PanicBy } from "./cluster/usable.ts";
export type { Choice, Cluster, ClusterSnapshot, Division, NodeSnapshot } from "./cluster/cluster.ts";
export { BalancedCluster } from "./cluster/balanced-cluster.ts";
export type { Grouping } from "./cluster/groups.ts";
export { ZONE_SPILL_DEFAULTS } from "./policy/zone-aware/zone-limit.ts";
export type { ZoneSpillOptions } from "./policy/zone-aware/zone-limit.ts";
export { zoneOf } from "./policy/zone-aware/zone-preference.ts";
export type { ZonePreference } from "./policy/zone-aware/zone-preference.ts";
export type { ClusterOptions, ClusterPolicy } from "./cluster/balanced-cluster.ts";
export type { EndpointLimit } from "./cluster/learned-limits.ts";
export { IMPORTANCES } from "./policy/concurrency-limit/importance.ts";
export type { Importance, ImportanceShares } from "./policy/concurrency-limit/importance.ts";

// What discovery delivers.
export { endpoint, authority, sameEndpoint } from "./endpoint.ts";
export type { Endpoint, Locality } from "./endpoint.ts";
export type { Discovery, Freshness, Membership, Watch } from "./membership.ts";

// Time and chance.
export type { Clock, Random, Time, Timer } from "./time/time.ts";
export { Expiring, TimeoutQueue, TimeoutQueues } from "./time/timeout-queue.ts";

// What goes wrong, and what is reported.
export { MeshError } from "./errors.ts";
export type { MeshErrorCode, MeshErrorDetails } from "./errors.ts";
export { meshEvents } from "./events.ts";
export type { EjectionReason, Events, MeshEventName, MeshEvents, MeshListener, RetryDenial } from "./events.ts";
export { failure, IGNORED, outcomeOfStatus, SUCCESS } from "./outcome.ts";
export type { FailureReason, Outcome } from "./outcome.ts";
export { GRPC_STATUSES, grpcStatusName, isGrpcFailure } from "./grpc-status.ts";

// Why it was decided so.
export { DecisionLog } from "./decision/decision-log.ts";
export { sentence } from "./decision/sentence.ts";
export { lengthText } from "./decision/length.ts";
export { whyOut } from "./decision/why-out.ts";
export type {
  AttemptDecision,
  Candidate,
  Decision,
  HedgeDecision,
  HedgeVerdict,
  PickDecision,
  PickVerdict,
  RefusalDecision,
  Refuser,
  RetryDecision,
} from "./decision/decision.ts";
export type { PickGroup } from "./decision/pick-group.ts";
export type { PickRecord } from "./decision/pick-record.ts";

// Watching a home: implemented by telemetry.
export { callFlags, flagOf } from "./observe/call-flags.ts";
export type { CallFlag, FlaggedCall } from "./observe/call-flags.ts";
export { hasFailed, isGivenUp } from "./observe/has-failed.ts";
export type { JudgedCall } from "./observe/has-failed.ts";
export { ENDPOINT_BUCKETS_MS, LATENCY_BUCKETS_MS, LatencyBuckets, percentileMs } from "./observe/latency-buckets.ts";
export type { LatencyCounts } from "./observe/latency-buckets.ts";
export type { ObservedHome, ServiceStats, Telemetry } from "./observe/telemetry.ts";
export { NO_TRACE_FIELDS } from "./observe/tracing.ts";
export type { CallTrace, TracedAttempt, TracedCall, TracedRequest, TraceFields, Tracing } from "./observe/tracing.ts";

// Balancing.
export { isOpen, openFrom, taken } from "./policy/picker.ts";
export type { Draw, Picker } from "./policy/picker.ts";
export type { Node } from "./cluster/node.ts";
export { CELLS, HOLD_UNTIL, OLDEST, PENDING, WEIGHT } from "./cluster/node-cells.ts";
export { peakEwma } from "./policy/peak-ewma/peak-ewma.ts";
export { leastRequest } from "./policy/least-request/least-request.ts";
export { roundRobin } from "./policy/round-robin/round-robin.ts";
export { weightedRoundRobin } from "./policy/weighted-round-robin/weighted-round-robin.ts";
export { weightedByReports } from "./policy/weighted-round-robin/weighted-by-reports.ts";
export { random } from "./policy/random/random.ts";
export { first } from "./policy/first/first.ts";
export { ringHash, RING_SIZE } from "./policy/ring-hash/ring-hash.ts";
export type { RingHashOptions } from "./policy/ring-hash/ring-hash.ts";
export type { RingSize } from "./policy/ring-hash/ring-counts.ts";
export { isSlots, maglev, MAGLEV_SLOTS } from "./policy/maglev/maglev.ts";
export type { MaglevOptions } from "./policy/maglev/maglev.ts";
export { ketama } from "./policy/ketama/ketama.ts";
export { sourceIp } from "./policy/source-ip/source-ip.ts";
export { reportedLoad } from "./policy/reported-load/reported-load.ts";
export { prequal } from "./policy/prequal/prequal.ts";
export { ServedLoad } from "./policy/prequal/served-load.ts";
export type { ServedRequest } from "./policy/prequal/served-load.ts";
export {
  LOAD_HEADER,
  LOAD_HEADER_BINARY,
  loadReportText,
  parseBinaryLoadReport,
  parseLoadReport,
} from "./policy/reported-load/load-report.ts";
export type { LoadReport } from "./policy/reported-load/load-report.ts";
export { hashPicker } from "./policy/consistent-hash/hash-picker.ts";
export type { HashPickerOptions } from "./policy/consistent-hash/hash-picker.ts";
export type { Place, Placement } from "./policy/consistent-hash/placement.ts";

// Using some of the endpoints.
export { labelSubset } from "./subset/label-subset.ts";
export type { Labels, LabelSubset } from "./subset/label-subset.ts";
export { randomSubset } from "./subset/random-subset.ts";
export { apertureShares, apertureWidth } from "./subset/aperture.ts";
export { apertureSubset } from "./subset/aperture-subset.ts";
export type { ApertureSubsetOptions } from "./subset/aperture-subset.ts";
export type { ApertureOptions } from "./subset/aperture.ts";

// Hashes, on halves of 32 bits.
export { Word64 } from "./hash/word64.ts";
export type { HashFunction } from "./hash/hash-function.ts";
export { xxh64 } from "./hash/xxh64.ts";
export { murmur2 } from "./hash/murmur2.ts";
export { crc32 } from "./hash/crc32.ts";
export { TextBytes } from "./hash/text-bytes.ts";

// Resilience.
export { OUTLIER_DEFAULTS } from "./policy/outlier-ejection/options.ts";
export type { OutlierOptions, OutlierTest } from "./policy/outlier-ejection/options.ts";
export { FAILURE_PERCENTAGE_DEFAULTS } from "./policy/outlier-ejection/failure-percentage-rule.ts";
export type { FailurePercentageOptions } from "./policy/outlier-ejection/failure-percentage-rule.ts";
export { LATENCY_OUTLIER_DEFAULTS } from "./policy/outlier-ejection/latency-rule.ts";
export type { LatencyOutlierOptions } from "./policy/outlier-ejection/latency-rule.ts";
export { SUCCESS_RATE_DEFAULTS } from "./policy/outlier-ejection/success-rate-rule.ts";
export type { SuccessRateOptions } from "./policy/outlier-ejection/success-rate-rule.ts";
export type { Fitness } from "./policy/outlier-ejection/endpoint-fitness.ts";
export { retryBudget, RETRY_BUDGET_DEFAULTS } from "./policy/retry-budget/retry-budget.ts";
export type { RetryBudget, RetryBudgetOptions } from "./policy/retry-budget/retry-budget.ts";
export { RETRY_CAP_DEFAULTS, RetryCap } from "./policy/retry-budget/retry-cap.ts";
export type { RetryCapOptions } from "./policy/retry-budget/retry-cap.ts";
export { HEDGE_DEFAULTS, Hedging } from "./policy/hedge/hedging.ts";
export type { HedgeOptions } from "./policy/hedge/hedging.ts";
export { decideRetry, RETRY_DEFAULTS } from "./policy/retry/decide-retry.ts";
export type { RetryGrant, RetryOptions, RetryRules, RetryState, RetryVerdict } from "./policy/retry/decide-retry.ts";
export { conditionOfGrpcStatus, conditionOfStatus, isGrpcCondition } from "./policy/retry/attempt-result.ts";
export type { AttemptResult, GrpcCondition, RetryCondition } from "./policy/retry/attempt-result.ts";
export { ATTEMPT_FIELD, attemptText, readAttempt } from "./policy/retry/other-attempt.ts";
export type { OtherAttempt, Repeater } from "./policy/retry/other-attempt.ts";
export { backoffMs, BACKOFF_DEFAULTS } from "./policy/retry/backoff.ts";
export type { BackoffOptions } from "./policy/retry/backoff.ts";
export { parseRetryAfter } from "./policy/retry/retry-after.ts";
export { BREAKER_DEFAULTS, CircuitBreaker } from "./policy/circuit-breaker/circuit-breaker.ts";
export type {
  Breaker,
  BreakerListener,
  BreakerOptions,
  BreakerState,
} from "./policy/circuit-breaker/circuit-breaker.ts";
export { HEALTH_DEFAULTS } from "./policy/health-check/endpoint-health.ts";
export type { Health, HealthThresholds, ProbeResult } from "./policy/health-check/endpoint-health.ts";
export { SCHEDULE_DEFAULTS } from "./policy/health-check/check-schedule.ts";
export type { CheckSchedule } from "./policy/health-check/check-schedule.ts";
export { HealthChecks } from "./health/health-checks.ts";
export type { CheckedCluster, HealthChecksOptions, Probe } from "./health/health-checks.ts";
export { ConcurrencyLimit } from "./policy/concurrency-limit/concurrency-limit.ts";
export type { AdaptiveRule } from "./policy/adaptive-concurrency/adaptive-rule.ts";
export { gradient, GRADIENT_DEFAULTS } from "./policy/adaptive-concurrency/gradient.ts";
export type { GradientOptions } from "./policy/adaptive-concurrency/gradient.ts";
export { gradient2, GRADIENT2_DEFAULTS } from "./policy/adaptive-concurrency/gradient2.ts";
export type { Gradient2Options } from "./policy/adaptive-concurrency/gradient2.ts";
export { vegas, VEGAS_DEFAULTS } from "./policy/adaptive-concurrency/vegas.ts";
export type { VegasOptions } from "./policy/adaptive-concurrency/vegas.ts";
export { admissionControl, ADMISSION_DEFAULTS } from "./policy/admission-control/admission-control.ts";
export type { AdmissionControl, AdmissionOptions } from "./policy/admission-control/admission-control.ts";
export { TokenBucket } from "./policy/rate-limit/token-bucket.ts";
export type { RateOptions } from "./policy/rate-limit/token-bucket.ts";

// Layers, in the order they stand in a stack.
export { deadline } from "./layer/deadline.ts";
export type { DeadlinePorts } from "./layer/deadline.ts";
export { circuitBreaker } from "./layer/circuit-breaker.ts";
export type { CircuitBreakerPorts } from "./layer/circuit-breaker.ts";
export { concurrencyLimit } from "./layer/concurrency-limit.ts";
export type { ConcurrencyLimitPorts } from "./layer/concurrency-limit.ts";
export { adaptiveLimit } from "./layer/adaptive-limit.ts";
export { rateLimit } from "./layer/rate-limit.ts";
export type { RateLimitPorts } from "./layer/rate-limit.ts";
export { admission } from "./layer/admission-control.ts";
export type { AdmissionPorts } from "./layer/admission-control.ts";
export { retry } from "./layer/retry.ts";
export type { RetryPorts } from "./layer/retry.ts";
export { hedge } from "./layer/hedge.ts";
export type { HedgePorts } from "./layer/hedge.ts";
export { pick } from "./layer/pick.ts";
export { attemptTimeout } from "./layer/attempt-timeout.ts";
export type { AttemptTimeoutRules } from "./layer/attempt-timeout.ts";

// For other packages of weft: no promise is made about what stands below.
export { OngoingCall } from "./call.ts";

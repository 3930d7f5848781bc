// One service, whatever carries its calls.
export { ServiceRuntime } from "./service/service-runtime.ts";
export type { BreakerPorts, OtherBreaker, RuntimePorts } from "./service/runtime-ports.ts";
export type { Paths } from "./service/rule-paths.ts";
export { callStack } from "./call/call-stack.ts";
export type { Attempts, StackParts } from "./call/call-stack.ts";
export { firstAnswer, firstAnswerBefore } from "./call/first-answer.ts";
export type { Patience } from "./call/first-answer.ts";

// Which services there are, where they are found, how they are called.
export { Registry } from "./registry/registry.ts";
export type { RegistryOptions, RegistryPorts, StaticRegistry } from "./registry/registry.ts";
export { PolicyBook } from "./registry/policy-book.ts";
export type { PolicyChanges } from "./registry/policy-book.ts";
export { pickerOf } from "./registry/picker-of.ts";
export { Peers } from "./registry/peers.ts";
export type { PeerView, Place, Self } from "./registry/peers.ts";
export { selfOf } from "./registry/self-of.ts";

// What a home's exchanges and attempts go by.
export { isIdempotent } from "./call/idempotence.ts";
export { importanceOf } from "./call/importance.ts";
export { goesByReports, reportLoad } from "./call/report-load.ts";
export { HashKeys } from "./call/hash-key.ts";
export type { HashedRequest } from "./call/hash-key.ts";
export { StickySessions } from "./call/sticky-sessions.ts";
export type { StickyPorts } from "./call/sticky-sessions.ts";
export { retriedStatuses } from "./call/retried-statuses.ts";
export { outcomeOfAnswer, resultOfAnswer } from "./call/answer.ts";
export { isOnThisMachine, leftToCaller } from "./call/retrying-layers.ts";
export { DEADLINE_FIELD, deadlineText, ENVOYS_DEADLINE_FIELD, readDeadlineMs } from "./call/deadline-field.ts";
export { asError, isLate, LATE, LATE_UNSENT, TIMED_OUT } from "./call/given-up.ts";
export type { FailureFacts } from "./call/given-up.ts";
export { RunningCalls } from "./call/running-calls.ts";
export type { Running } from "./call/running-calls.ts";
export { errorName } from "./call/report-end.ts";
export { CallLog } from "./call/call-log.ts";
export type { RefusedCall, Refusal } from "./call/refused-call.ts";
export type { CallFilter } from "./call/call-log.ts";
export type { EndedCall, LoggedCall, Side } from "./call/call-ring.ts";

// What is seen and done from outside.
export { homeEvents } from "./events/home-events.ts";
export type { OnEvent } from "./events/home-events.ts";
export { statsOf } from "./service/service-stats.ts";
export { explain, explainText } from "./service/explain.ts";
export type { Explanation } from "./service/explain.ts";
export {
  callText,
  explainEnded,
  explainService,
  explainTrace,
  explainTroubled,
  flagsOfEnded,
  wasTroubled,
} from "./service/explained-call.ts";
export type { CallsExplanation, ExplainedCall, Remembered, TraceExplanation } from "./service/explained-call.ts";
export { ejectByHand, restoreByHand } from "./service/by-hand.ts";

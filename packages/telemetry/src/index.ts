// Carrying traces on.
export type { TraceFields, Tracing } from "@weft/core";

// For other packages of weft; no promise.
export { randomSpanId, randomTraceId, spanIdOfAttempt } from "./ids.ts";
export type { HeaderSource } from "./propagation/header-source.ts";
export {
  type OwnContext,
  type Propagation,
  propagation,
  type PropagationFormat,
  type PropagationOptions,
  type Received,
} from "./propagation/propagation.ts";
export type { TraceParent } from "./propagation/trace-context.ts";

// Carrying traces on.
export type { TraceFields, Tracing } from "@weft/core";

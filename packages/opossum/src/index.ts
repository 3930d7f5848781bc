export { opossumBreaker } from "./opossum-breaker.ts";
export type { OpossumLayer, OpossumPorts } from "./opossum-breaker.ts";
export type { OpossumCircuit } from "./circuit.ts";
export type { OpossumSettings } from "./settings.ts";
export { FailedCall } from "./report-outcome.ts";

// What a scenario comes to.
export { loadScenario, parseScenario } from "./scenario/load-scenario.ts";
export type { LoadedScenario } from "./scenario/load-scenario.ts";
export type {
  EndpointPlan,
  FailPlan,
  ImportancePlan,
  KeyPlan,
  Latency,
  NamedPolicy,
  Phase,
  RuleName,
  Scenario,
  ScenarioEvent,
} from "./scenario/scenario.ts";
export { simulate } from "./run/simulate.ts";
export type { Progress, ScenarioResult, SimulateOptions } from "./run/simulate.ts";
export type { Chart, EndpointResult, ImportanceResult, Latencies, PolicyResult } from "./measure/policy-result.ts";
export type { Reaction } from "./measure/reaction.ts";

// How it is told.
export { htmlReport } from "./report/html-report.ts";
export { jsonReport } from "./report/json-report.ts";
export { textReport } from "./report/text-report.ts";
export { picture } from "./report/picture.ts";
export type { PictureOf } from "./report/picture.ts";

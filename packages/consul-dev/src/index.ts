export { startAgent } from "./start-agent.ts";
export type { AgentFaults, AgentOptions, DevAgent } from "./start-agent.ts";
export type { Fault, FaultScope } from "./faults.ts";
export type { Profile } from "./profile.ts";
export type { Random, Time } from "./time.ts";

export { createMesh } from "./create-mesh.ts";
export type { MeshOptions, NamesOf, ServicesInput } from "./mesh-options.ts";
export type {
  FailedQuestion,
  InstallOptions,
  Mesh,
  MeshFetch,
  MeshRequestInit,
  MeshService,
  MeshStats,
  ServiceQuestion,
  TraceQuestion,
} from "./mesh.ts";
export type { CallOptions } from "./service/call-options.ts";
export type { TlsOptions } from "./service/dial-tls.ts";
// Of core and runtime, what a caller of a mesh meets: no second package is needed for it.
export { MeshError } from "@weft/core";
export type { Decision, Discovery, Endpoint, MeshErrorCode, MeshEventName, MeshEvents, ServiceStats } from "@weft/core";
export type {
  BreakerPorts,
  CallsExplanation,
  EndedCall,
  ExplainedCall,
  Explanation,
  OtherBreaker,
  StaticRegistry,
  TraceExplanation,
} from "@weft/runtime";
export { MeshDispatcher } from "./mesh-dispatcher.ts";
export { MeshHttpAgent } from "./agent/mesh-http-agent.ts";

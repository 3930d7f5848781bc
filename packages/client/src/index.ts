export { createMesh } from "./create-mesh.ts";
export type { MeshOptions, NamesOf, ServicesInput, StaticRegistry } from "./mesh-options.ts";
export type {
  Explanation,
  InstallOptions,
  Mesh,
  MeshFetch,
  MeshRequestInit,
  MeshService,
  MeshStats,
  ServiceStats,
} from "./mesh.ts";
export type { CallOptions } from "./service/call-options.ts";
export type { TlsOptions } from "./dispatch/connection.ts";
export { MeshDispatcher } from "./mesh-dispatcher.ts";
export { MeshHttpAgent } from "./agent/mesh-http-agent.ts";

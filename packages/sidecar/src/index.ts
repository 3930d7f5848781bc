export { createSidecar } from "./create-sidecar.ts";
export type { LogLine, SidecarOptions } from "./sidecar-options.ts";
export type { DrainReport, ReloadReport, Sidecar, SidecarListener } from "./sidecar.ts";

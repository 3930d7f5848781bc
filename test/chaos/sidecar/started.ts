import { onTestFinished } from "vitest";
import { sidecarRig, type SidecarRig, type SidecarRigOptions } from "../../sidecar/rig.ts";

/** A sidecar in this process that lives as long as the test. */
export async function started(options?: SidecarRigOptions): Promise<SidecarRig> {
  const rig = await sidecarRig(options);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

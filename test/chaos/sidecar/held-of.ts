import type { Answer, SidecarRig } from "../../sidecar/rig.ts";

/** Calls, leases and connections that a sidecar holds, by its admin API. */
export async function heldOf(admin: (path: string) => Promise<Answer>): ReturnType<SidecarRig["held"]> {
  // docs/admin.md has the shape.
  const { services } = JSON.parse((await admin("/services")).body) as { services: readonly Shown[] };
  const held = { calls: 0, pending: 0, connections: 0 };
  for (const { calls, connections, endpoints } of services) {
    held.calls += calls.running;
    held.connections += connections.running;
    for (const { pending } of endpoints) held.pending += pending;
  }
  return held;
}

interface Shown {
  readonly calls: { readonly running: number };
  readonly connections: { readonly running: number };
  readonly endpoints: readonly { readonly pending: number }[];
}

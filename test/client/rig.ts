import type { ServicePolicyInput } from "@weft/config";
import { type Endpoint, type MeshEventName, type MeshEvents, meshEvents } from "@weft/core";
import { createMesh, type Mesh, type MeshOptions, type ServiceStats } from "@weft/client";
import {
  type Behaviour,
  eventJournal,
  type EventJournal,
  fakeEndpoints,
  type FakeEndpoints,
  memoryRegistry,
  type MemoryRegistry,
} from "@weft/testkit";

/** A mesh with one service, `orders`, on endpoints that do what the test says. */
export interface Rig extends AsyncDisposable {
  readonly mesh: Mesh<"orders">;
  readonly registry: MemoryRegistry;
  readonly endpoints: FakeEndpoints;
  readonly journal: EventJournal;
  readonly stats: () => ServiceStats;
  /** Calls, leases and connections held now; all 0 once everything is over and the mesh is closed. */
  readonly held: () => { readonly calls: number; readonly pending: number; readonly connections: number };
  /** Closes the mesh and then says what is still held. */
  readonly closed: () => Promise<ReturnType<Rig["held"]>>;
}

export interface RigOptions {
  /** How many endpoints. Default 2. */
  readonly count?: number;
  readonly behaviour?: Behaviour;
  readonly policy?: ServicePolicyInput;
  readonly mesh?: Omit<MeshOptions<MemoryRegistry, { readonly orders: ServicePolicyInput }>, "registry" | "services">;
  /** What the registry says, when that is not the endpoints started. */
  readonly registered?: readonly Endpoint[];
}

/** Nothing is left behind. */
export const NOTHING = { calls: 0, pending: 0, connections: 0 };

/** Starts endpoints and a mesh over them. The balancer is `first` unless the policy says otherwise: no draw decides. */
export async function rig(options: RigOptions = {}): Promise<Rig> {
  const { count = 2, behaviour = {}, policy = {} } = options;
  const endpoints = await fakeEndpoints(count, { behaviour });
  const registry = memoryRegistry();
  registry.set("orders", options.registered ?? endpoints.asEndpoints());
  const events = meshEvents();
  const journal = eventJournal(events);
  const mesh = createMesh({
    ...options.mesh,
    registry,
    services: { orders: { balancer: { kind: "first" }, ...policy } },
    onEvent: (name: MeshEventName, event: MeshEvents[MeshEventName]) => events.emit(name, event),
  });
  const stats = (): ServiceStats => {
    const { orders } = mesh.stats().services;
    if (orders === undefined) throw new Error("the mesh has no orders");
    return orders;
  };
  const held = (): ReturnType<Rig["held"]> => {
    const { calls, connections, endpoints: nodes } = stats();
    const pending = nodes.reduce((sum, node) => sum + node.pending, 0);
    return { calls: calls.running, pending, connections: connections.running };
  };
  return {
    mesh,
    registry,
    endpoints,
    journal,
    stats,
    held,
    async closed() {
      await mesh.close({ drainMs: 0 });
      return held();
    },
    async [Symbol.asyncDispose]() {
      await mesh.close({ drainMs: 0 });
      await endpoints.close();
      await registry.close();
      journal.close();
    },
  };
}

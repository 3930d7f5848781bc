import { MeshError } from "@weft/core";
import type { ListenerPlan } from "../reload/listener-plans.ts";
import type { ListenerPorts } from "./listener-ports.ts";
import type { OpenListener } from "./listeners.ts";

export async function openTcp(
  plan: Extract<ListenerPlan, { kind: "tcp" }>,
  name: string,
  ports: ListenerPorts,
): Promise<OpenListener> {
  throw new MeshError("BAD_CONFIG", `${name}: not wired ${plan.kind} ${String(ports)}`);
}

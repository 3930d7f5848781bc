import {
  addressText,
  type AdminPolicy,
  type InboundPolicy,
  type OutboundPolicy,
  type Policy,
  type TcpPolicy,
} from "@weft/config";

/** One listener that a policy asks for. */
export type ListenerPlan =
  | { readonly kind: "inbound"; readonly policy: InboundPolicy }
  | { readonly kind: "outbound"; readonly policy: OutboundPolicy }
  | { readonly kind: "tcp"; readonly policy: TcpPolicy }
  | { readonly kind: "admin"; readonly policy: AdminPolicy };

/** A plan, the name it has in the log, and where its fields stand in the policy. */
export interface PlannedListener {
  readonly plan: ListenerPlan;
  readonly name: string;
  /** As it was asked for, so with port 0 where any will do. */
  readonly address: string;
  /** `sidecar.tcp[0]`. */
  readonly path: string;
}

/** Every listener of a policy, in the order in which they are opened: the admin API last, when there is something to see. */
export function listenerPlans({ sidecar }: Policy): readonly PlannedListener[] {
  if (sidecar === undefined) return [];
  const { inbound, outbound, tcp, admin } = sidecar;
  const planned: PlannedListener[] = [];
  const add = (plan: ListenerPlan, name: string, path: string): void => {
    planned.push({ plan, name, address: addressText(plan.policy.listen), path });
  };
  if (inbound !== undefined) add({ kind: "inbound", policy: inbound }, inbound.name, "sidecar.inbound");
  if (outbound !== undefined) add({ kind: "outbound", policy: outbound }, outbound.name, "sidecar.outbound");
  for (const [i, policy] of tcp.entries()) add({ kind: "tcp", policy }, policy.name, `sidecar.tcp[${i}]`);
  if (admin !== undefined) add({ kind: "admin", policy: admin }, "admin", "sidecar.admin");
  return planned;
}

import { MeshError } from "@weft/core";
import type { ListenerPlan } from "../reload/listener-plans.ts";
import { TcpListener } from "../tcp/tcp-listener.ts";
import type { ListenerPorts } from "./listener-ports.ts";
import type { OpenListener } from "./listeners.ts";
import { TurnedAway } from "./turned-away.ts";

/** Opens a TCP listener of the policy. @throws the system's error */
export async function openTcp(
  plan: Extract<ListenerPlan, { kind: "tcp" }>,
  name: string,
  { services, time, timeouts, observer }: ListenerPorts,
): Promise<OpenListener> {
  const { service } = plan.policy;
  const counters = observer.counters.listener(name);
  const listener = new TcpListener(plan.policy, {
    time,
    timeouts,
    epochMs: observer.epochMs,
    counters,
    way: () => {
      if (services.knows(service)) return services.of(service).tunnels;
      throw new MeshError("UNKNOWN_SERVICE", "no such service is listed any more", { service, neverSent: true });
    },
    ended: (entry) => observer.tunnelled(entry),
    refused: (entry, flag, code) => observer.untunnelled(entry, flag, code),
    turnedAway: new TurnedAway(time, (connections) => observer.turnedAway(connections, name, "outbound")),
  });
  await listener.open();
  return {
    plan,
    shown: { name, address: listener.address, protocol: "tcp" },
    drainable: listener,
    renew: () => {},
    configure: (next) => {
      if (next.kind === "tcp") listener.configure(next.policy);
    },
    close: async () => void (await listener.finish(0)),
  };
}

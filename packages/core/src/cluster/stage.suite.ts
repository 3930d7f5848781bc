import { type EventJournal, eventJournal, seededRandom } from "@weft/testkit";
import { OngoingCall } from "../call.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { meshEvents } from "../events.ts";
import { OUTLIER_DEFAULTS, type OutlierOptions } from "../policy/outlier-ejection/options.ts";
import { BalancedCluster, type ClusterPolicy } from "./balanced-cluster.ts";

/** A cluster on a clock that the test sets by hand. */
export interface Stage {
  readonly cluster: BalancedCluster;
  readonly clock: { now: number; nowMs(): number };
  readonly journal: EventJournal;
  /** A new call, idempotent unless said otherwise. */
  call(idempotent?: boolean): OngoingCall;
  /** Who is available, by id. */
  available(): string[];
}

export function stage(endpoints: readonly Endpoint[] | number, policy: Partial<ClusterPolicy> = {}, seed = 7): Stage {
  const clock = { now: 1_000, nowMs: () => clock.now };
  const events = meshEvents();
  const journal = eventJournal(events);
  const cluster = new BalancedCluster({ service: "orders", clock, random: seededRandom(seed), events, policy });
  cluster.update(typeof endpoints === "number" ? many(endpoints) : endpoints);
  let calls = 0;
  return {
    cluster,
    clock,
    journal,
    call: (idempotent = true) => new OngoingCall(++calls, "orders", clock.now, idempotent),
    available: () => idsOf(cluster.snapshot().endpoints.filter(({ available }) => available)),
  };
}

/** Endpoints `e0`, `e1`, ... of these weights, or so many of weight 1. */
export function many(weights: number | readonly number[]): Endpoint[] {
  const list = typeof weights === "number" ? Array.from({ length: weights }, () => 1) : weights;
  return list.map((weight, i) => endpoint({ id: `e${i}`, host: "10.0.0.1", port: 1 + i, weight }));
}

export function idsOf(nodes: readonly { readonly endpoint: Endpoint }[]): string[] {
  return nodes.map(({ endpoint: { id } }) => id);
}

/** Outlier options without jitter do not exist: a test compares with what the event says, or with bounds. */
export function outliers(changes: Partial<OutlierOptions>): OutlierOptions {
  return { ...OUTLIER_DEFAULTS, ...changes };
}

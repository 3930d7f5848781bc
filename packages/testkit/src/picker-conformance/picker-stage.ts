import {
  BalancedCluster,
  type ClusterPolicy,
  type Endpoint,
  endpoint,
  meshEvents,
  OngoingCall,
  type Picker,
  Word64,
} from "@weft/core";
import { seededRandom } from "../random.ts";

/** A cluster around the picker under test, on a clock that the claim sets by hand. */
export interface PickerStage {
  readonly cluster: BalancedCluster;
  readonly clock: { now: number; nowMs(): number };
  /** A new call. Its key, where calls have one, is its number, or the one given. */
  call(key?: number): OngoingCall;
}

/** Whether calls bring a key that a hashing picker goes by. */
export type Keys = "keyed" | "unkeyed";

export function pickerStage(
  picker: Picker,
  endpoints: readonly Endpoint[],
  keys: Keys,
  policy: Partial<ClusterPolicy> = {},
): PickerStage {
  const clock = { now: 1_000, nowMs: () => clock.now };
  const cluster = new BalancedCluster({
    service: "orders",
    clock,
    random: seededRandom(7),
    events: meshEvents(),
    policy: { ...policy, picker },
  });
  cluster.update(endpoints);
  let calls = 0;
  return {
    cluster,
    clock,
    call(key = calls + 1) {
      const call = new OngoingCall(++calls, "orders", clock.now, true);
      if (keys === "keyed") call.hash = scattered(key);
      return call;
    },
  };
}

/** Endpoints `e0`, `e1`, ... of these weights, or so many of weight 1. */
export function endpointsOf(weights: number | readonly number[]): Endpoint[] {
  const list = typeof weights === "number" ? Array.from({ length: weights }, () => 1) : weights;
  return list.map((weight, i) => endpoint({ id: `e${i}`, host: "10.0.0.1", port: 1 + i, weight }));
}

/** Words all over their range, one for each key. Source: the odd constant nearest to 2^64 divided by the golden ratio. */
function scattered(key: number): Word64 {
  const word = new Word64(0, key);
  word.multiply(0x9e37_79b9, 0x7f4a_7c15);
  return word;
}

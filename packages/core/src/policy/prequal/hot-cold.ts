import { HOT } from "../../decision/pick-record.ts";

/** Endpoints whose load is above this quantile are hot. Source: Prequal, 2^-0.25. */
export const HOT_QUANTILE: number = 2 ** -0.25;

/**
 * So many of `count` endpoints, at least, are less busy than one that is hot: `load > hotLine(loads)`, without sorting
 * anything.
 */
export function lessBusyThanHot(count: number): number {
  return Math.floor(HOT_QUANTILE * (count - 1)) + 1;
}

/** The greatest so far, the least of them first. */
const greatest = new Float64Array(32);

/**
 * Where hot begins: the quantile of the loads. Those above are hot.
 *
 * @param count of the loads, 1..32
 * @param quantile in [0, 1]: of sorted loads the one at `floor(quantile * (count - 1))`
 */
export function hotLine(loads: Float64Array, count: number, quantile: number): number {
  const most = count - Math.floor(quantile * (count - 1));
  let found = 0;
  for (let i = 0; i < count; i++) {
    const load = loads[i]!;
    if (found < most) {
      let place = found++;
      for (; place > 0 && greatest[place - 1]! > load; place--) greatest[place] = greatest[place - 1]!;
      greatest[place] = load;
    } else if (load > greatest[0]!) {
      let place = 0;
      for (; place + 1 < most && greatest[place + 1]! < load; place++) greatest[place] = greatest[place + 1]!;
      greatest[place] = load;
    }
  }
  return greatest[0]!;
}

/**
 * What is compared, as one number: the lowest wins. Cold ones by their latency, and after them hot ones by their load.
 *
 * @param load in [0, HOT]
 * @param latencyMs in [0, HOT)
 * Source: Prequal, hot-cold lexicographic rule; reference 2.15.
 */
export function hotColdScore(load: number, latencyMs: number, hot: boolean): number {
  return hot ? HOT + load : latencyMs;
}
